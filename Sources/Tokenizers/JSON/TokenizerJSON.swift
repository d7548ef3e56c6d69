/// A small JSON document. Members keep their order and numbers their spelling, so that it can be written again.
package enum TokenizerJSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([TokenizerJSON])
  case object([Member])

  package struct Member: Sendable, Equatable {
    package var key: String
    package var value: TokenizerJSON
  }

  /// An object with the given members, in order.
  package static func members(_ members: (String, TokenizerJSON)...) -> TokenizerJSON {
    .object(members.map { Member(key: $0.0, value: $0.1) })
  }

  /// A member of an object; the last one where a key is repeated, as in Python.
  package subscript(key: String) -> TokenizerJSON? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.key == key }?.value
  }

  /// Replaces or appends a member of an object.
  package mutating func set(_ key: String, to value: TokenizerJSON) {
    guard case .object(var members) = self else { return }
    members.removeAll { $0.key == key }
    members.append(Member(key: key, value: value))
    self = .object(members)
  }

  /// Removes a member of an object.
  package mutating func remove(_ key: String) {
    guard case .object(var members) = self else { return }
    members.removeAll { $0.key == key }
    self = .object(members)
  }

  package var members: [Member] {
    if case .object(let members) = self { members } else { [] }
  }

  package var elements: [TokenizerJSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  package var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  package var flag: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  package var double: Double? {
    if case .number(let spelling) = self { Double(spelling) } else { nil }
  }

  package var integer: Int? {
    if case .number(let spelling) = self { Int(spelling) } else { nil }
  }

  /// Whether the value is missing in effect.
  package var isNull: Bool { self == .null }
}
