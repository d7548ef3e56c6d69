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
    // What stands in a file is no option that a user gives.
    let names = settings.map { file == nil ? "`\($0)`" : $0 }.joined(separator: " or ")
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
  ///   - available: the bytes that can be had.
  /// - Throws: ``TensorMemoryError`` where neither this process has as much to spare nor the machine, its container or
  ///   the process's limits have as much left.
  package static func pass(
    _ shape: [Int], _ what: @autoclosure () -> String, lowering settings: [String], in file: String? = nil,
    available: @autoclosure () -> Double = MemoryCheck.available
  ) throws(TensorMemoryError) {
    // In floating point, because the product may be any.
    let bytes = shape.reduce(Double(DType.float32.size)) { $0 * Double($1) }
    guard bytes > little || !StoragePool.shared.canProvide(Int(bytes)) else { return }
    let available = available()
    guard bytes > available || !StoragePool.shared.canProvide(Int(bytes)) else { return }
    throw TensorMemoryError(
      what: what(), bytesNeeded: bytes, bytesAvailable: bytes > available ? available : nil,
      settings: settings, file: file, cause: nil)
  }

  /// What needs no look at the system's files, which takes longer than to use as much.
  private static let little = 64e6

  /// What the system has left and what tensors have given back.
  package static var available: Double {
    SystemMemory().available + Double(StoragePool.shared.freeByteCount)
  }
}
