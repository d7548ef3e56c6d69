import Checkpoints
import Foundation

/// A file that grows at its end.
struct GrowingFile: ~Copyable {
  /// The disk refused; trying again won't help.
  struct WriteError: PlainError {
    let cause: SystemError
    var description: String { cause.description }
  }

  let url: URL
  private(set) var count: Int
  private let descriptor: CInt

  /// Opens the file, or makes an empty one.
  init(at url: URL) throws {
    self.url = url
    descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw WriteError(cause: SystemError("write", url.path)) }
    count = max(0, Int(lseek(descriptor, 0, SEEK_END)))
  }

  deinit { close(descriptor) }

  mutating func append(_ bytes: [UInt8]) throws {
    var done = 0
    while done < bytes.count {
      let written = bytes.withUnsafeBytes { buffer in
        pwrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(count))
      }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw WriteError(cause: SystemError("write", url.path)) }
      done += written
      count += written
    }
  }

  mutating func truncate() throws {
    guard ftruncate(descriptor, 0) == 0 else { throw WriteError(cause: SystemError("write", url.path)) }
    count = 0
  }

  borrowing func sync() throws {
    guard fsync(descriptor) == 0 else { throw WriteError(cause: SystemError("write", url.path)) }
  }
}
