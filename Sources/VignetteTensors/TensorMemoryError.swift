public import Foundation

/// A tensor that is larger than this machine's memory, which somebody's numbers ask for: a batch's size, or an image's.
public struct TensorMemoryError: Error, CustomStringConvertible, LocalizedError {
  let what: String
  let byteCount: Double
  let advice: String

  /// - Parameters:
  ///   - shape: that of a tensor of float32.
  ///   - what: what it holds, as "the pixel values of a batch".
  ///   - advice: what makes it smaller.
  /// - Throws: ``TensorMemoryError``.
  public static func check(_ shape: [Int], _ what: @autoclosure () -> String, advice: String) throws {
    // In floating point, because the product may be any.
    let byteCount = shape.reduce(4.0) { $0 * Double($1) }
    guard byteCount > Double(ProcessInfo.processInfo.physicalMemory) else { return }
    throw TensorMemoryError(what: what(), byteCount: byteCount, advice: advice)
  }

  public var description: String {
    "\(what) would take \(String(format: "%.0f", byteCount / 1e9)) GB of memory, more than this machine has; \(advice)"
  }

  public var errorDescription: String? { description }
}
