import CVignetteMemory
public import Foundation

/// Tensors that are larger than the memory there is, which somebody's numbers ask for: a batch's size, or an image's.
public struct TensorMemoryError: Error, Equatable, CustomStringConvertible, LocalizedError {
  /// What the memory is for, as "the pixel values of 8 images".
  public let what: String
  public let bytesNeeded: Double
  /// Nil where all that is known is that there were fewer.
  public let bytesAvailable: Double?
  /// The settings that make it less, by Hugging Face's names.
  public let settings: [String]
  /// The file in which they stand, where it is no option.
  public let file: String?
  /// What failed for lack of memory, where nobody says how much was needed.
  let cause: String?

  public var description: String {
    let names = settings.map { "`\($0)`" }.joined(separator: " or ")
    let advice = names.isEmpty ? "" : "; lower \(names)" + (file.map { " in \($0)" } ?? "")
    if let cause { return "\(what) failed, probably for lack of memory: \(cause)\(advice)" }
    guard let bytesAvailable else {
      return
        "\(what) takes more memory than there is (\(Self.size(bytesNeeded)) more were asked for)\(advice)"
    }
    return
      "\(what) would take \(Self.size(bytesNeeded)) of memory, but there are \(Self.size(bytesAvailable))"
      + advice
  }

  public var errorDescription: String? { description }

  private static func size(_ bytes: Double) -> String {
    if bytes < 1e6 { return "\(Int(bytes)) bytes" }
    return bytes < 1e9
      ? "\(String(format: "%.0f", bytes / 1e6)) MB" : "\(String(format: "%.1f", bytes / 1e9)) GB"
  }
}

/// The check that stands in front of a forward pass, so that the pass itself need not fail.
package enum MemoryCheck {
  /// - Parameters:
  ///   - shape: that of a tensor of float32.
  ///   - what: what it holds.
  ///   - settings: what makes it smaller, by Hugging Face's names.
  ///   - file: where they stand, if they are no options.
  /// - Throws: ``TensorMemoryError`` where the machine, its container or the process's limits don't give as much.
  package static func pass(
    _ shape: [Int], _ what: @autoclosure () -> String, lowering settings: [String], in file: String? = nil
  ) throws(TensorMemoryError) {
    // In floating point, because the product may be any.
    let bytes = shape.reduce(Double(DType.float32.size)) { $0 * Double($1) }
    guard bytes > most || !StoragePool.shared.canProvide(Int(bytes)) else { return }
    throw TensorMemoryError(
      what: what(), bytesNeeded: bytes, bytesAvailable: most, settings: settings, file: file,
      cause: nil)
  }

  /// The memory of this machine or, where that is less, of its container or this process.
  static let most: Double = {
    let limits = [containerLimit, addressSpaceLimit].compactMap { $0 }
    return limits.reduce(Double(ProcessInfo.processInfo.physicalMemory), min)
  }()

  /// What the container's cgroup allows (v2, then v1).
  private static var containerLimit: Double? {
    for path in ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"] {
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      if let limit = Double(text.trimmingCharacters(in: .whitespacesAndNewlines)), limit > 0 { return limit }
    }
    return nil
  }

  /// What `ulimit -v` allows.
  private static var addressSpaceLimit: Double? {
    var limit = rlimit()
    #if os(Linux)
      let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0
    #else
      let isKnown = getrlimit(RLIMIT_AS, &limit) == 0
    #endif
    return isKnown ? Double(limit.rlim_cur) : nil
  }
}
