/// How JSON text is laid out, in the terms of Python's `json.dumps`.
public struct JSONFormat: Sendable, Equatable {
  /// Spaces per level, each member on a line of its own; nil for everything on one line.
  public var indent: Int?
  /// Members in the order of their keys' code points instead of their own order.
  public var sortsKeys: Bool
  /// Everything outside ASCII written as `\u` escapes.
  public var escapesNonASCII: Bool

  public init(indent: Int?, sortsKeys: Bool, escapesNonASCII: Bool) {
    self.indent = indent
    self.sortsKeys = sortsKeys
    self.escapesNonASCII = escapesNonASCII
  }

  /// `json.dumps(value, indent=2, sort_keys=True)`, as Transformers writes config.json.
  public static let config = JSONFormat(indent: 2, sortsKeys: true, escapesNonASCII: true)
  /// `json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False)`, as it writes tokenizer_config.json.
  public static let tokenizer = JSONFormat(indent: 2, sortsKeys: true, escapesNonASCII: false)
  /// `json.dumps(value, ensure_ascii=False)`.
  public static let plainLine = JSONFormat(indent: nil, sortsKeys: false, escapesNonASCII: false)
  /// `json.dumps(value)`.
  public static let oneLine = JSONFormat(indent: nil, sortsKeys: false, escapesNonASCII: true)
}

extension JSONValue {
  /// The text that Python's `json.dumps` gives.
  public func text(_ format: JSONFormat = .config) -> String {
    var writer = JSONWriter(format)
    writer.append(self)
    return String(decoding: writer.utf8, as: UTF8.self)
  }
}
