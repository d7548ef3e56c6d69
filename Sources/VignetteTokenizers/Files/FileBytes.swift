import Foundation
import VignetteFiles

/// Reading files whole.
enum FileBytes {
  /// No tokenizer file is near this; it keeps offsets in 32 bits.
  private static let maximumSize = 1 << 30

  /// Calls `body` with the bytes of a file.
  ///
  /// - Throws: ``TokenizerError/unreadable(file:reason:)``, and what `body` throws.
  static func read<Result>(
    _ url: URL, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw TokenizerError.unreadable(file: url.path, reason: error.localizedDescription)
    }
    guard data.count <= maximumSize else {
      throw TokenizerError.unreadable(
        file: url.path, reason: "\(data.count) bytes are more than a tokenizer file has")
    }
    return try data.withUnsafeBytes(body)
  }

  /// Calls `body` with a cursor at the start of a JSON file, all of which it must read.
  static func readJSON<Result>(
    _ url: URL, _ body: (inout JSONCursor) throws(JSONFault) -> Result
  ) throws -> Result {
    try read(url) { bytes in
      do throws(JSONFault) {
        var cursor = JSONCursor(bytes)
        let result = try body(&cursor)
        try cursor.expectEnd()
        return result
      } catch {
        let error = JSONSyntaxError(file: url.path, bytes: bytes, fault: error)
        throw TokenizerError.invalid(
          file: url.path, problem: "\(error.problem) at line \(error.line), column \(error.column)")
      }
    }
  }

  /// A whole JSON document.
  static func json(_ url: URL) throws -> JSONValue {
    try readJSON(url) { (cursor) throws(JSONFault) in try cursor.value() }
  }

  /// Whether there is a file, not a folder, at `url`.
  static func exists(_ url: URL) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) && !isFolder.boolValue
  }

  /// Writes a file beside its final name and renames it.
  ///
  /// - Throws: ``TokenizerError/unwritable(file:reason:)``.
  static func write(_ bytes: [UInt8], to url: URL) throws {
    do {
      try Data(bytes).write(to: url, options: .atomic)
    } catch {
      throw TokenizerError.unwritable(file: url.path, reason: error.localizedDescription)
    }
  }
}
