import Foundation
import VignetteFiles

/// The bytes of an image that is still to be decoded, read to the end; also those of a pipe or a device, whose number
/// nobody knows before.
package enum ImageFile {
  private static let partSize = 1 << 18

  /// Reads a file. A pipe without a writer is waited for.
  ///
  /// - Parameter maximumPixels: what the image may have; of bytes, so many are read as it can need.
  /// - Throws: ``ImageError``, with the path as it was given.
  static func bytes(of url: URL, maximumPixels: Int) throws -> [UInt8] {
    let descriptor = FileSystem.open(url.path, O_RDONLY)
    guard descriptor >= 0 else { throw ImageError(.refused(errno), path: url.relativePath) }
    defer { close(descriptor) }
    return try bytes(from: descriptor, name: url.relativePath, maximumPixels: maximumPixels)
  }

  /// Reads what an open file, such as standard input, still has.
  ///
  /// - Parameters:
  ///   - name: what the error calls it.
  ///   - maximumPixels: what the image may have; of bytes, so many are read as it can need.
  /// - Throws: ``ImageError``.
  package static func bytes(from descriptor: CInt, name: String, maximumPixels: Int) throws -> [UInt8] {
    let limit = byteLimit(maximumPixels)
    let tooMany = ImageError(.tooManyBytes(limit: limit, maximumPixels: maximumPixels), path: name)
    // A regular file that is too large isn't begun with.
    let size = try size(of: descriptor, name)
    guard size <= limit else { throw tooMany }
    var bytes: [UInt8] = []
    func reserve(_ count: Int) throws {
      do {
        try CheckedMemory.reserve(count, in: &bytes)
      } catch {
        throw ImageError(.outOfMemory("its \(count) bytes"), path: name)
      }
    }
    try reserve(size)
    var part = [UInt8](repeating: 0, count: partSize)
    while true {
      let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw ImageError(.refused(errno), path: name) }
      if count == 0 { return bytes }
      guard count <= limit - bytes.count else { throw tooMany }
      try reserve(bytes.count + count)
      bytes += part[..<count]
    }
  }

  /// The size of a regular file, 0 for anything else.
  private static func size(of descriptor: CInt, _ name: String) throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw ImageError(.refused(errno), path: name) }
    return status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : 0
  }

  /// Four channels of 16 bits for each pixel, and room for what else a file has: metadata, further frames.
  private static func byteLimit(_ maximumPixels: Int) -> Int {
    let (bytes, overflow) = maximumPixels.multipliedReportingOverflow(by: 8)
    let extra = 1 << 28
    return overflow || bytes > Int.max - extra ? Int.max : bytes + extra
  }
}
