public import Foundation

extension JSONValue {
  /// Parses the file at `url`.
  ///
  /// - Throws: `JSONSyntaxError` with the line and column, `SystemError`.
  public init(contentsOf url: URL) throws {
    let file = try MappedFile(at: url)
    self = try file.withUnsafeBytes(0..<file.count) { try JSONValue(parsing: $0, file: url.path) }
  }

  /// Writes the text and a line end to `url`, all or nothing.
  public func write(to url: URL, _ format: JSONFormat = .config) throws {
    try AtomicFile.write(Array((text(format) + "\n").utf8), to: url)
  }
}

extension JSONField {
  /// The root of the file at `url`.
  public init(contentsOf url: URL) throws {
    self.init(try JSONValue(contentsOf: url), file: url.path)
  }
}

extension JSONSyntaxError: PlainError {}
extension JSONFieldError: PlainError {}
