import Foundation
import VignetteCheckpoints
import VignetteFiles

/// Where results go, a line at a time, so that a reader at the other end of a pipe gets each as it comes.
enum StandardOutput {
  /// - Throws: `SystemError` where the line can't be written, as on a full disk: a result that is lost is no success.
  static func print(_ line: String) throws { try write(Array("\(line)\n".utf8)) }

  /// Writes bytes as they are: texts of files needn't be UTF-8.
  ///
  /// - Throws: `SystemError` where they can't be written.
  static func write(_ bytes: [UInt8]) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: Data(bytes))
    } catch let error as CocoaError {
      throw SystemError("write", "standard output", code: error.systemCode ?? EIO)
    }
  }
}

/// Where chatter goes, so that results can be piped.
///
/// Chatter that nobody reads any more is lost, and the work goes on.
enum StandardError {
  static func print(_ line: String) {
    let line = TerminalText.escaped(line, keepsLines: true)
    try? FileHandle.standardError.write(contentsOf: Data("\(line)\n".utf8))
  }
}
