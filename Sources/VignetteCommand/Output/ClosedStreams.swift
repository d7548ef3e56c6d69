import Foundation

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
