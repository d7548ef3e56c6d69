import Foundation

/// The bytes of an image that is still to be decoded.
package enum ImageFile {
  /// Reads a file, a pipe or a device to its end.
  ///
  /// - Parameter maximumPixels: what the image may have; of bytes, so many are read as it can need.
  /// - Throws: ``ImageFileError``, with the path as it was given.
  static func bytes(of url: URL, maximumPixels: Int) throws -> [UInt8] {
    try named(url.relativePath, maximumPixels) { try FileContents.bytes(of: url, limit: $0) }
  }

  /// Reads what an open file, such as standard input, still has.
  ///
  /// - Parameters:
  ///   - name: what the error calls it.
  ///   - maximumPixels: what the image may have; of bytes, so many are read as it can need.
  /// - Throws: ``ImageFileError``.
  package static func bytes(from descriptor: CInt, name: String, maximumPixels: Int) throws -> [UInt8] {
    try named(name, maximumPixels) { try FileContents.bytes(from: descriptor, limit: $0) }
  }

  private static func named(
    _ name: String, _ maximumPixels: Int, _ read: (_ limit: Int) throws -> [UInt8]
  ) throws -> [UInt8] {
    do {
      return try read(byteLimit(maximumPixels))
    } catch FileContentsError.tooLarge(let limit) {
      throw ImageFileError(
        path: name,
        reason: "holds more than \(limit) bytes, which no image of at most \(maximumPixels) pixels takes; "
          + "raise that limit with --max-image-pixels if the file is trusted")
    } catch {
      throw ImageFileError(path: name, reason: "\(error)")
    }
  }

  /// Four channels of 16 bits for each pixel, and room for what else a file has: metadata, further frames.
  private static func byteLimit(_ maximumPixels: Int) -> Int {
    let (bytes, overflow) = maximumPixels.multipliedReportingOverflow(by: 8)
    let extra = 1 << 28
    return overflow || bytes > Int.max - extra ? Int.max : bytes + extra
  }
}
