/// GPT-2's pre-tokenisation: cuts text before words, numbers, punctuation and spaces.
///
/// Gives the matches of the regular expression
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
/// (https://github.com/openai/gpt-2, encoder.py), which between them cover the whole text.
package struct ByteLevelSplitter {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  private enum Kind: UInt8 {
    case letter, number, space, other
  }

  package init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  /// The next piece as a range of bytes, nil at the end.
  package mutating func next() -> Range<Int>? {
    let start = position
    guard start < bytes.count else { return nil }
    if let end = contractionEnd(start) {
      position = end
    } else {
      let first = kind(at: start)
      if first.kind != .space {
        position = runEnd(start + first.length, of: first.kind)
      } else if bytes[start] == 0x20, start + 1 < bytes.count, case let second = kind(at: start + 1),
        second.kind != .space
      {
        position = runEnd(start + 1 + second.length, of: second.kind)
      } else {
        position = spaceEnd(start)
      }
    }
    return start..<position
  }

  /// The end of `'s` and its like, lower case only.
  private func contractionEnd(_ start: Int) -> Int? {
    guard bytes[start] == UInt8(ascii: "'"), start + 1 < bytes.count else { return nil }
    switch bytes[start + 1] {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"):
      return start + 2 < bytes.count && bytes[start + 2] == UInt8(ascii: "e") ? start + 3 : nil
    case UInt8(ascii: "l"):
      return start + 2 < bytes.count && bytes[start + 2] == UInt8(ascii: "l") ? start + 3 : nil
    default: return nil
    }
  }

  private func runEnd(_ start: Int, of wanted: Kind) -> Int {
    var index = start
    while index < bytes.count {
      let (kind, length) = kind(at: index)
      guard kind == wanted else { break }
      index += length
    }
    return index
  }

  /// The end of white space: all of it at the end of the text, else all but the last character if there are more.
  private func spaceEnd(_ start: Int) -> Int {
    var index = start
    var last = start
    while index < bytes.count {
      let (kind, length) = kind(at: index)
      guard kind == .space else { return last > start ? last : index }
      last = index
      index += length
    }
    return index
  }

  @inline(__always)
  private func kind(at index: Int) -> (kind: Kind, length: Int) {
    let byte = bytes[index]
    if byte < 0x80 { return (Self.asciiKinds[Int(byte)], 1) }
    let (scalar, length) = UTF8Bytes.scalar(bytes, at: index)
    return (Self.kind(of: scalar), length)
  }

  private static let asciiKinds = (UInt32(0)..<128).map { kind(of: $0) }

  private static func kind(of scalar: UInt32) -> Kind {
    if CharacterClass.letters.contains(scalar) { return .letter }
    if CharacterClass.numbers.contains(scalar) { return .number }
    return CharacterClass.isWhitespace(scalar) ? .space : .other
  }
}
