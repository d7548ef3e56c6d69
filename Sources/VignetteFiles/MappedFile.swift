public import Foundation

/// A file mapped into memory, read-only: its pages are read when they are first touched and can be dropped
/// again by the system, so opening even a large file costs no memory.
///
/// The mapping lives as long as the object; whoever keeps a pointer into `bytes` must keep the object too.
/// A file that another process shortens while it is mapped raises SIGBUS when its lost pages are touched.
public final class MappedFile: Sendable {
  public let url: URL

  /// The whole file. Valid while this object lives.
  public nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  public var path: String { url.path }
  public var count: Int { bytes.count }

  /// Maps the regular file at `url`.
  ///
  /// Throws `SystemError` if it can't be opened or mapped, `MalformedFileError` if it is no regular file.
  public init(at url: URL) throws {
    let path = url.path
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw SystemError("open", path) }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw SystemError("read the size of", path) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw MalformedFileError(path, "is a folder, where a file is needed")
    default: throw MalformedFileError(path, "is a pipe or a device, where a file is needed")
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
  public func withUnsafeBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "the range exceeds the mapped file")
    return try withExtendedLifetime(self) {
      try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
  }

  /// Tells the system that `range` will be read soon, so that it starts to read ahead.
  public func willNeed(_ range: Range<Int>) {
    advise(pages(around: range), MADV_WILLNEED)
  }

  /// Tells the system that the file will be read from front to back.
  public func willReadSequentially() {
    advise(0..<count, MADV_SEQUENTIAL)
  }

  /// Gives back the memory of the pages that lie wholly inside `range`; touching them again reads them again.
  public func release(_ range: Range<Int>) {
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
