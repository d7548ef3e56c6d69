import Foundation

extension JSONValue {
  /// Containers nested deeper than this are refused, so that no file can exhaust the stack.
  static let maximumDepth = 256

  /// Parses JSON text. As in Python, the last of several members with the same key counts.
  ///
  /// - Parameter file: what errors call the text.
  /// - Throws: `JSONSyntaxError` with the line and column.
  public init(parsing bytes: UnsafeRawBufferPointer, file: String) throws {
    do {
      var cursor = JSONCursor(bytes)
      self = try cursor.value(depth: 0)
      try cursor.expectEnd()
    } catch {
      throw JSONSyntaxError(file: file, bytes: bytes, fault: error)
    }
  }

  /// Parses JSON text; see ``init(parsing:file:)-(UnsafeRawBufferPointer,_)``.
  public init(parsing text: some ContiguousBytes, file: String) throws {
    self = try text.withUnsafeBytes { try JSONValue(parsing: $0, file: file) }
  }

  /// Parses the file at `url`.
  public init(contentsOf url: URL) throws {
    let file = try MappedFile(at: url)
    self = try file.withUnsafeBytes(0..<file.count) { try JSONValue(parsing: $0, file: url.path) }
  }
}

extension JSONCursor {
  /// Reads a value of any kind; `depth` containers are around it.
  fileprivate mutating func value(depth: Int) throws(JSONFault) -> JSONValue {
    guard depth <= JSONValue.maximumDepth else {
      throw unexpected("more than \(JSONValue.maximumDepth) containers inside each other")
    }
    switch peek() {
    case UInt8(ascii: "{"):
      var object = JSONObject()
      try members { (cursor, key) throws(JSONFault) in object[key] = try cursor.value(depth: depth + 1) }
      return .object(object)
    case UInt8(ascii: "["):
      var array: [JSONValue] = []
      try elements { (cursor) throws(JSONFault) in array.append(try cursor.value(depth: depth + 1)) }
      return .array(array)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t") where skip(word: "true"): return .bool(true)
    case UInt8(ascii: "f") where skip(word: "false"): return .bool(false)
    case UInt8(ascii: "n") where skip(word: "null"): return .null
    default: return try number()
    }
  }
}
