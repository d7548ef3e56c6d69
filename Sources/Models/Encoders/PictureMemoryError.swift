import Foundation

/// A picture with so many patches that their attention to each other doesn't fit into this machine's memory.
public struct PictureMemoryError: Error, CustomStringConvertible, LocalizedError {
  let height: Int
  let width: Int
  let tokens: Int
  /// What the scores of one picture in one layer take.
  let byteCount: Double

  /// - Throws: ``PictureMemoryError``.
  static func check(height: Int, width: Int, tokens: Int, heads: Int) throws {
    // In floating point, because the product of a file's numbers may be any.
    let byteCount = 4 * Double(heads) * Double(tokens) * Double(tokens)
    guard byteCount > Double(ProcessInfo.processInfo.physicalMemory) else { return }
    throw PictureMemoryError(height: height, width: width, tokens: tokens, byteCount: byteCount)
  }

  public var description: String {
    let gigabytes = String(format: "%.0f", byteCount / 1e9)
    return
      "a picture of \(height) × \(width) pixels has \(tokens) patches here, whose attention to each other takes "
      + "\(gigabytes) GB of memory, more than this machine has; lower `size` and `crop_size` in "
      + "preprocessor_config.json"
  }

  public var errorDescription: String? { description }
}
