import Foundation

/// Reading files whole.
enum FileBytes {
  /// No tokenizer file is near this; it keeps offsets in 32 bits.
  private static let maximumSize = 1 << 30

  /// Calls `body` with the bytes of a file and the name to use for it in errors.
  ///
  /// - Throws: ``TokenizerError/unreadable(file:reason:)``, and what `body` throws.
  static func read<Result>(
    _ url: URL, _ body: (UnsafeBufferPointer<UInt8>, _ file: String) throws -> Result
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
    return try data.withUnsafeBytes { try body($0.assumingMemoryBound(to: UInt8.self), url.path) }
  }

  /// A whole JSON document.
  static func json(_ url: URL) throws -> TokenizerJSON {
    try read(url) { bytes, file in
      var reader = JSONReader(bytes, file: file)
      let value = try reader.value()
      try reader.end()
      return value
    }
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
