import CVignetteZlib
package import Foundation
import VignetteFiles

/// A zip file from a stranger, checked before anything of it is written.
package struct ZipFile {
  /// Names that macOS adds and nobody wants.
  private static let unwanted = ["__MACOSX/", ".DS_Store"]
  /// Deflate can't make anything smaller than this.
  private static let largestRatio = 1032

  package let url: URL
  private let directory: ZipDirectory
  private let entries: [ZipDirectory.Entry]

  /// What all files will take, unpacked.
  package let byteCount: Int
  package var fileCount: Int { entries.count { !$0.isFolder } }

  /// Reads the directory.
  ///
  /// Names that lead out of the folder, links, encrypted entries, sizes that can't be and more than `limit` bytes in
  /// all are refused.
  ///
  /// - Throws: ``DatasetError``, `FileError`.
  package init(at url: URL, limit: Int = 1 << 40) throws {
    self.url = url
    directory = try ZipDirectory(try MappedFile(at: url))
    entries = directory.entries.filter { entry in
      !Self.unwanted.contains { entry.name.hasPrefix($0) || entry.name.hasSuffix("/\($0)") }
    }
    var names: Set<ExactString> = []
    var total = 0
    for entry in entries {
      try Self.check(entry, url.path)
      guard names.insert(ExactString(entry.name)).inserted else {
        throw DatasetError.zip(url.path, entry: entry.name, "is there twice")
      }
      let (sum, overflow) = total.addingReportingOverflow(entry.size)
      guard !overflow, sum <= limit else {
        throw DatasetError.zip(url.path, "would unpack to more than \(limit) bytes")
      }
      total = sum
    }
    byteCount = total
  }

  private static func check(_ entry: ZipDirectory.Entry, _ path: String) throws {
    let parts = FileName.parts(entry.name)
    let folders = entry.isFolder ? parts.dropLast() : parts[...]
    let isOutside = folders.isEmpty || folders.contains { ["", ".", ".."].contains($0) }
    guard !isOutside, !entry.name.unicodeScalars.contains(where: { ["\\", ":", "\0"].contains($0) }) else {
      throw DatasetError.zip(
        path, entry: entry.name, "the name leads out of the folder; the zip file is not to be trusted")
    }
    // Links could lead anywhere. 0 is unknown, 0x8 a file, 0x4 a folder.
    guard [0, 0x8, 0x4].contains(entry.mode >> 12) else {
      throw DatasetError.zip(path, entry: entry.name, "is no plain file")
    }
    guard !entry.isEncrypted else { throw DatasetError.zip(path, entry: entry.name, "is encrypted") }
    guard entry.method == 0 || entry.method == 8 else {
      throw DatasetError.zip(
        path, entry: entry.name, "is compressed by method \(entry.method); only deflate is known")
    }
    let isPossible =
      entry.method == 0
      ? entry.size == entry.storedSize : entry.size / largestRatio <= entry.storedSize
    guard isPossible else {
      throw DatasetError.zip(
        path, entry: entry.name, "claims \(entry.size) bytes from \(entry.storedSize), which can't be")
    }
  }

  /// Reads every entry and compares its length and CRC-32.
  ///
  /// - Parameter progress: Gets how many bytes of ``byteCount`` were checked.
  package func verify(progress: (Int) -> Void = { _ in }) throws {
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
  /// - Parameter progress: Gets how many bytes of ``byteCount`` were written.
  /// - Returns: the folders that they are in.
  /// - Throws: ``DatasetError``, `FileError`, what the file system refuses, `CancellationError`.
  @discardableResult
  package func unpack(to folder: URL, progress: (Int) -> Void = { _ in }) throws -> Set<URL> {
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
        throw DatasetError.zip(
          url.path, entry: entry.name, "unpacks to more than the \(entry.size) bytes it claims")
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
        throw DatasetError.zip(url.path, entry: entry.name, "the compressed data is damaged")
      }
    }
    guard count == entry.size, checksum.value == entry.checksum else {
      throw DatasetError.zip(url.path, entry: entry.name, "the contents don't match their checksum")
    }
  }
}

/// Decompresses zip's raw deflate streams.
enum ZipInflater {
  /// Hands the decompressed bytes to `body` piece by piece; false if the stream is damaged or `input` doesn't end
  /// with it.
  static func inflate(
    _ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> Bool {
    var stream = z_stream()
    // Negative: a window of 2¹⁵ bytes, and no zlib header.
    let status = inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { return false }
    defer { inflateEnd(&stream) }

    let capacity = 1 << 18
    let output = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    defer { output.deallocate() }
    var consumed = 0
    while true {
      let offered = min(input.count - consumed, Int(UInt32.max))
      stream.next_in = input.baseAddress.map {
        UnsafeMutablePointer(mutating: ($0 + consumed).assumingMemoryBound(to: UInt8.self))
      }
      stream.avail_in = UInt32(offered)
      stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.avail_out = UInt32(capacity)
      let status = CVignetteZlib.inflate(&stream, Z_NO_FLUSH)
      guard status == Z_OK || status == Z_STREAM_END else { return false }
      consumed += offered - Int(stream.avail_in)
      try body(UnsafeRawBufferPointer(rebasing: output[..<(capacity - Int(stream.avail_out))]))
      if status == Z_STREAM_END { return consumed == input.count }
    }
  }
}
