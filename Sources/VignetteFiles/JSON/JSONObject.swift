/// The members of a JSON object, in their order.
///
/// Keys are told apart by their bytes; Swift's own strings would merge "é" written as one and as two scalars.
public struct JSONObject: Sendable {
  /// The keys in the order in which they were first set.
  public private(set) var keys: [String] = []
  private var values: [JSONValue] = []
  /// Empty where there are so few keys that looking at each is faster.
  private var positions: [ExactString: Int] = [:]

  private static let fewKeys = 8

  public init() {}

  /// An object with `members`; of two with the same key, the later counts.
  public init(_ members: some Sequence<(String, JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  /// The value of `key`; setting it to nil removes the member.
  public subscript(key: String) -> JSONValue? {
    get { position(of: ExactString(key)).map { values[$0] } }
    set {
      switch (position(of: ExactString(key)), newValue) {
      case (let position?, let value?):
        values[position] = value
      case (nil, let value?):
        keys.append(key)
        values.append(value)
        index(from: positions.isEmpty ? 0 : keys.count - 1)
      case (let position?, nil):
        keys.remove(at: position)
        values.remove(at: position)
        positions = [:]
        index(from: 0)
      case (nil, nil):
        break
      }
    }
  }

  private func position(of key: ExactString) -> Int? {
    positions.isEmpty ? keys.firstIndex { ExactString($0) == key } : positions[key]
  }

  private mutating func index(from start: Int) {
    guard keys.count > Self.fewKeys else { return }
    for position in start..<keys.count { positions[ExactString(keys[position])] = position }
  }
}

extension JSONObject: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { keys.count }
  public subscript(position: Int) -> (key: String, value: JSONValue) { (keys[position], values[position]) }
}

extension JSONObject: Hashable {
  /// Whether both have the same members in the same order.
  public static func == (left: Self, right: Self) -> Bool {
    left.count == right.count && zip(left.keys, right.keys).allSatisfy { ExactString($0) == ExactString($1) }
      && left.values == right.values
  }

  public func hash(into hasher: inout Hasher) {
    for key in keys { hasher.combine(ExactString(key)) }
    hasher.combine(values)
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}

/// A string that equals only strings of the same bytes: a key, a token or a file name, which Swift's own strings would
/// confuse with others that are canonically equal.
package struct ExactString: Hashable, Sendable {
  package let string: String

  package init(_ string: String) { self.string = string }

  package static func == (left: Self, right: Self) -> Bool {
    left.string.utf8.count == right.string.utf8.count && left.string.utf8.elementsEqual(right.string.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var string = string
    string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
