package import Foundation

/// A file mapped into memory, read-only: its pages are read when they are first touched and can be dropped
/// again by the system, so opening even a large file costs no memory.
///
/// The mapping lives as long as the object; whoever keeps a pointer into `bytes` must keep the object too.
/// A file that another process shortens while it is mapped raises SIGBUS when its lost pages are touched.
package final class MappedFile: Sendable {
  package let url: URL

  /// The whole file. Valid while this object lives.
  package nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  package var path: String { url.path }
  package var count: Int { bytes.count }

  /// Maps the regular file at `url`.
  ///
  /// - Throws: `SystemError` if it can't be opened or mapped, `FileError` if it is no regular file.
  package init(at url: URL) throws {
    let path = url.path
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    let descriptor = FileSystem.open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { throw SystemError("open", path) }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError("read the size of", path) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw FileError(path, "is a folder, where a file is needed")
    default: throw FileError(path, "is a pipe or a device, where a file is needed")
    }
    let count = Int(status.st_size)
    if count == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
    } else {
      let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let base, base != MAP_FAILED else { throw SystemError("map", path) }
      bytes = UnsafeRawBufferPointer(start: base, count: count)
    }
    self.url = url
  }

  deinit {
    if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
  }

  /// Calls `body` with the bytes of `range`, which must lie inside the file.
  package func withUnsafeBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "the range exceeds the mapped file")
    return try withExtendedLifetime(self) {
      try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
  }

  /// Checks that there is memory for what is made of each of the file's bytes, which Swift allocates unchecked.
  ///
  /// - Throws: `SystemError` where there isn't.
  package func requireMemory(of bytesPerByte: Int) throws {
    do {
      let (bytes, overflows) = count.multipliedReportingOverflow(by: bytesPerByte)
      try CheckedMemory.require(overflows ? .max : bytes)
    } catch {
      throw SystemError("read", path, code: ENOMEM)
    }
  }

  /// Advises the system that `range` will be read soon, so that it starts to read ahead.
  package func willNeed(_ range: Range<Int>) {
    advise(pages(around: range), MADV_WILLNEED)
  }

  /// Advises the system that the file will be read from front to back.
  package func willReadSequentially() {
    advise(0..<count, MADV_SEQUENTIAL)
  }

  /// Gives back the memory of the pages that lie wholly inside `range`; touching them again reads them again.
  package func release(_ range: Range<Int>) {
    advise(pages(inside: range), MADV_DONTNEED)
  }

  private func pages(around range: Range<Int>) -> Range<Int> {
    let range = range.clamped(to: 0..<count)
    return (range.lowerBound - range.lowerBound % Self.pageSize)..<range.upperBound
  }

  private func pages(inside range: Range<Int>) -> Range<Int> {
    let range = range.clamped(to: 0..<count)
    let (page, size) = (Self.pageSize, range.upperBound)
    let start = (range.lowerBound + page - 1) / page * page
    // The last page of the file is whole although the file ends inside it.
    let end = size == count ? size : size - size % page
    return start < end ? start..<end : 0..<0
  }

  // Advice that isn't taken changes nothing but speed, so its result is of no interest.
  private func advise(_ range: Range<Int>, _ advice: CInt) {
    guard let base = bytes.baseAddress, !range.isEmpty else { return }
    _ = madvise(UnsafeMutableRawPointer(mutating: base + range.lowerBound), range.count, advice)
  }

  private static let pageSize = Int(sysconf(CInt(_SC_PAGESIZE)))
}

/// Text files, read whole.
package enum TextFile {
  /// What some programs begin a text in UTF-8 with, and no part of it.
  private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// The bytes of a file of JSON, which are decoded to something about as large.
  ///
  /// - Throws: `SystemError` if it can't be read or there isn't the memory.
  package static func json(_ url: URL) throws -> Data {
    let file = try MappedFile(at: url)
    try file.requireMemory(of: 24)
    return file.withUnsafeBytes(0..<file.count) { Data($0) }
  }

  /// The text of the file at `url`.
  ///
  /// - Throws: `SystemError` if it can't be read, `FileError` if it isn't UTF-8.
  package static func read(_ url: URL) throws -> String {
    let file = try MappedFile(at: url)
    try file.requireMemory(of: 2)
    let start = file.bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
    let text = file.withUnsafeBytes(start..<file.count) { String(validating: $0, as: UTF8.self) }
    guard let text else { throw FileError(url.path, "is no text in UTF-8") }
    return text
  }
}
