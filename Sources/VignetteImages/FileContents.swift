import Foundation

/// A file's bytes, read to the end; also those of a pipe or a device, whose number nobody knows before.
enum FileContents {
  private static let partSize = 1 << 18

  /// Reads a file. A pipe without a writer is waited for.
  ///
  /// - Parameter limit: the most bytes that are read.
  /// - Throws: ``FileContentsError``.
  static func bytes(of url: URL, limit: Int) throws -> [UInt8] {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileContentsError.refused(errno) }
    defer { close(descriptor) }
    return try bytes(from: descriptor, limit: limit)
  }

  /// Reads what an open file still has.
  ///
  /// - Throws: ``FileContentsError``.
  static func bytes(from descriptor: CInt, limit: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(try size(of: descriptor, limit: limit))
    var part = [UInt8](repeating: 0, count: partSize)
    while true {
      let count = part.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw FileContentsError.refused(errno) }
      if count == 0 { return bytes }
      guard count <= limit - bytes.count else { throw FileContentsError.tooLarge(limit: limit) }
      bytes += part[..<count]
    }
  }

  /// The size of a regular file, 0 for anything else. One that is too large isn't begun with.
  private static func size(of descriptor: CInt, limit: Int) throws -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileContentsError.refused(errno) }
    guard status.st_mode & S_IFMT == S_IFREG else { return 0 }
    let size = Int(status.st_size)
    guard size <= limit else { throw FileContentsError.tooLarge(limit: limit) }
    return size
  }
}
