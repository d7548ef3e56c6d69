import Foundation

/// Where results go, a line at a time, so that a reader at the other end of a pipe gets each as it comes.
enum StandardOutput {
  static func print(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}

/// Where chatter goes, so that results can be piped.
///
/// Chatter that nobody reads any more is lost, and the work goes on.
enum StandardError {
  static func print(_ line: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8))
  }
}
