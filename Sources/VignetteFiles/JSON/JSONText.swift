/// A string of a JSON text as UTF-8, its escapes resolved.
///
/// Keys and tokens are told apart by their bytes, and a vocabulary needs no `String` for each of its tokens. Valid
/// while the text that it was read from is.
package struct JSONText {
  /// The string as it stands in the text, if it has no escape.
  private let plain: UnsafeBufferPointer<UInt8>
  private let unescaped: [UInt8]?

  init(_ plain: UnsafeRawBufferPointer) {
    self.plain = plain.assumingMemoryBound(to: UInt8.self)
    unescaped = nil
  }

  init(unescaped: [UInt8]) {
    plain = UnsafeBufferPointer(start: nil, count: 0)
    self.unescaped = unescaped
  }

  // Not generic: across rooms, that would be slow.
  package func withBytes(
    _ body: (UnsafeBufferPointer<UInt8>) throws(JSONFault) -> Void
  ) throws(JSONFault) {
    guard let unescaped else { return try body(plain) }
    try unescaped.withUnsafeBufferPointer(body)
  }

  package var string: String {
    unescaped.map { String(decoding: $0, as: UTF8.self) } ?? String(decoding: plain, as: UTF8.self)
  }

  package static func ~= (name: StaticString, text: JSONText) -> Bool {
    func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
      guard bytes.count == name.utf8CodeUnitCount else { return false }
      for index in 0..<bytes.count where bytes[index] != name.utf8Start[index] { return false }
      return true
    }
    return text.unescaped?.withUnsafeBufferPointer(isName) ?? isName(text.plain)
  }
}
