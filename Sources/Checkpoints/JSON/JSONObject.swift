/// The members of a JSON object, in their order.
///
/// Keys are told apart by their bytes; Swift's own strings would merge "é" written as one and as two scalars.
public struct JSONObject: Sendable, Hashable {
  /// The keys in the order in which they were first set.
  public private(set) var keys: [String] = []
  private var values: [JSONValue] = []
  private var positions: [ExactKey: Int] = [:]

  public init() {}

  /// An object with `members`; of two with the same key, the later counts.
  public init(_ members: some Sequence<(String, JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  /// The value of `key`; setting it to nil removes the member.
  public subscript(key: String) -> JSONValue? {
    get { positions[ExactKey(key)].map { values[$0] } }
    set {
      switch (positions[ExactKey(key)], newValue) {
      case (let position?, let value?):
        values[position] = value
      case (nil, let value?):
        positions[ExactKey(key)] = keys.count
        keys.append(key)
        values.append(value)
      case (let position?, nil):
        keys.remove(at: position)
        values.remove(at: position)
        positions = [:]
        for (index, key) in keys.enumerated() { positions[ExactKey(key)] = index }
      case (nil, nil):
        break
      }
    }
  }
}

extension JSONObject: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { keys.count }
  public subscript(position: Int) -> (key: String, value: JSONValue) { (keys[position], values[position]) }
}

/// A string that equals only strings of the same bytes.
private struct ExactKey: Hashable, Sendable {
  let string: String

  init(_ string: String) { self.string = string }

  static func == (left: Self, right: Self) -> Bool {
    left.string.utf8.count == right.string.utf8.count && left.string.utf8.elementsEqual(right.string.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var string = string
    string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
