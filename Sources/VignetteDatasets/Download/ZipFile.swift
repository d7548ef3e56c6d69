public import Foundation
import VignetteFiles

/// A zip file from a stranger, checked before anything of it is written.
public struct ZipFile {
  /// Names that macOS adds and nobody wants.
  private static let unwanted = ["__MACOSX/", ".DS_Store"]
  /// Deflate can't make anything smaller than this.
  private static let largestRatio = 1032

  public let url: URL
  private let directory: ZipDirectory
  private let entries: [ZipDirectory.Entry]

  /// What all files will take, unpacked.
  public let byteCount: Int
  public var fileCount: Int { entries.count { !$0.isFolder } }

  /// Reads the directory.
  ///
  /// Names that lead out of the folder, links, encrypted entries, sizes that can't be and more than `limit` bytes in
  /// all are refused.
  ///
  /// - Throws: ``ZipError``, `MalformedFileError`.
  public init(at url: URL, limit: Int = 1 << 40) throws {
    self.url = url
    directory = try ZipDirectory(try MappedFile(at: url))
    entries = directory.entries.filter { entry in
      !Self.unwanted.contains { entry.name.hasPrefix($0) || entry.name.hasSuffix("/\($0)") }
    }
    var names: Set<String> = []
    var total = 0
    for entry in entries {
      try Self.check(entry, url.path)
      guard names.insert(entry.name).inserted else {
        throw ZipError(url.path, entry: entry.name, "is there twice")
      }
      let (sum, overflow) = total.addingReportingOverflow(entry.size)
      guard !overflow, sum <= limit else {
        throw ZipError(url.path, "would unpack to more than \(limit) bytes")
      }
      total = sum
    }
    byteCount = total
  }

  private static func check(_ entry: ZipDirectory.Entry, _ path: String) throws {
    let parts = entry.name.split(separator: "/", omittingEmptySubsequences: false)
    let folders = entry.isFolder ? parts.dropLast() : parts[...]
    let isOutside = folders.isEmpty || folders.contains { ["", ".", ".."].contains($0) }
    guard !isOutside, !entry.name.contains(where: { "\\:\0".contains($0) }) else {
      throw ZipError(
        path, entry: entry.name, "the name leads out of the folder; the zip file is not to be trusted")
    }
    // Links could lead anywhere. 0 is unknown, 0x8 a file, 0x4 a folder.
    guard [0, 0x8, 0x4].contains(entry.mode >> 12) else {
      throw ZipError(path, entry: entry.name, "is no plain file")
    }
    guard !entry.isEncrypted else { throw ZipError(path, entry: entry.name, "is encrypted") }
    guard entry.method == 0 || entry.method == 8 else {
      throw ZipError(
        path, entry: entry.name, "is compressed by method \(entry.method); only deflate is known")
    }
    let isPossible =
      entry.method == 0
      ? entry.size == entry.storedSize : entry.size / largestRatio <= entry.storedSize
    guard isPossible else {
      throw ZipError(
        path, entry: entry.name, "claims \(entry.size) bytes from \(entry.storedSize), which can't be")
    }
  }

  /// Reads every entry and compares its length and CRC-32.
  ///
  /// - Parameter progress: Is told how many bytes of ``byteCount`` were checked.
  public func verify(progress: (Int) -> Void = { _ in }) throws {
    var done = 0
    for entry in entries where !entry.isFolder {
      try Task.checkCancellation()
      try read(entry) { _ in }
      done += entry.size
      progress(done)
    }
  }

  /// Writes all files below `folder`, replacing those that are there.
  ///
  /// What is written may not have reached the disk yet when this returns.
  ///
  /// - Parameter progress: Is told how many bytes of ``byteCount`` were written.
  /// - Returns: the folders that they are in.
  /// - Throws: ``ZipError``, `MalformedFileError`, what the file system refuses, `CancellationError`.
  @discardableResult
  public func unpack(to folder: URL, progress: (Int) -> Void = { _ in }) throws -> Set<URL> {
    var done = 0
    var folders: Set<URL> = []
    for entry in entries {
      try Task.checkCancellation()
      let target = folder.appendingPathComponent(entry.name)
      let parent = entry.isFolder ? target : target.deletingLastPathComponent()
      if folders.insert(parent).inserted {
        try FolderMaker.make(parent)
      }
      guard !entry.isFolder else { continue }
      var output = try GrowingFile(at: target)
      try output.truncate()
      try read(entry) { try output.append(Array($0)) }
      done += entry.size
      progress(done)
    }
    return folders
  }

  /// Hands the contents of `entry` to `body` piece by piece, and compares its length and checksum at the end.
  private func read(_ entry: ZipDirectory.Entry, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let range = try directory.contents(of: entry)
    let file = directory.file
    defer { file.release(range) }
    var checksum = CRC32()
    var count = 0
    func take(_ piece: UnsafeRawBufferPointer) throws {
      count += piece.count
      guard count <= entry.size else {
        throw ZipError(url.path, entry: entry.name, "unpacks to more than the \(entry.size) bytes it claims")
      }
      checksum.update(piece)
      try body(piece)
    }
    try file.withUnsafeBytes(range) { bytes in
      if entry.method == 0 {
        for start in stride(from: 0, to: bytes.count, by: 1 << 20) {
          try take(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + 1 << 20, bytes.count)]))
        }
      } else if try !ZipInflater.inflate(bytes, take) {
        throw ZipError(url.path, entry: entry.name, "the compressed data is damaged")
      }
    }
    guard count == entry.size, checksum.value == entry.checksum else {
      throw ZipError(url.path, entry: entry.name, "the contents don't match their checksum")
    }
  }
}
