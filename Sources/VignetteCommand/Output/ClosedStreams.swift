import Foundation
import VignetteFiles

/// Standard streams that the caller closed, as a shell's `>&-` does.
enum ClosedStreams {
  /// Keeps their numbers from the files that are opened next, into which results or chatter would go.
  ///
  /// Using such a stream stays an error.
  static func hold() {
    for (stream, wrongWay) in [
      (STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY),
    ] where fcntl(stream, F_GETFD) < 0 {
      // The lowest number that is free: the stream's, as those below it are taken.
      _ = open("/dev/null", wrongWay)
    }
  }
}

/// How much memory there is.
enum SomeMemory {
  /// What the program takes before it does anything: threads, the runtime.
  private static let needed = 64 << 20

  /// - Throws: `SystemError` where there is so little that hardly anything works.
  static func check() throws {
    do {
      try CheckedMemory.require(needed)
    } catch {
      throw SystemError("begin with", "\(ByteCount(needed)) of memory", code: ENOMEM)
    }
  }
}

/// How many files may be open.
enum OpenFiles {
  /// More than the system's libraries take for events and threads, which end a program by a fault where they get none.
  private static let needed = 8

  /// - Throws: `SystemError` where so few files may be open that hardly anything works.
  static func check() throws {
    let copies = (0..<needed).map { _ in fcntl(STDERR_FILENO, F_DUPFD, 0) }
    let code = errno
    for copy in copies where copy >= 0 { close(copy) }
    if copies.contains(where: { $0 < 0 }) {
      throw SystemError("open", "\(needed) files at a time", code: code)
    }
  }
}
