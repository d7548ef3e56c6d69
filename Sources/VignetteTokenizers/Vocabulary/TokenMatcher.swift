/// Finds added tokens in text: the leftmost first, and of those that begin together the longest.
struct TokenMatcher: Sendable {
  /// A stretch of text, which is an added token or lies between such.
  struct Segment: Equatable {
    var range: Range<Int>
    var id: Int?
  }

  private struct Pattern: Sendable {
    var bytes: [UInt8]
    var id: Int
    var token: AddedToken
  }

  /// The patterns by their first byte; longest first, once sorted.
  private var patterns: [[Pattern]] = Array(repeating: [], count: 256)
  private(set) var isEmpty = true

  /// - Parameter bytes: what to look for, which may be the token's normalised content.
  mutating func insert(_ token: AddedToken, bytes: [UInt8], id: Int) {
    guard let first = bytes.first else { return }
    isEmpty = false
    patterns[Int(first)].append(Pattern(bytes: bytes, id: id, token: token))
  }

  /// Makes the matcher ready, after the last insertion.
  mutating func sort() {
    for first in patterns.indices where patterns[first].count > 1 {
      patterns[first].sort { ($1.bytes.count, $0.id) < ($0.bytes.count, $1.id) }
    }
  }

  /// Cuts text at the tokens in it.
  func segments(of text: UnsafeBufferPointer<UInt8>) -> [Segment] {
    var segments: [Segment] = []
    var done = 0
    var index = 0
    while index < text.count {
      guard let pattern = longestMatch(in: text, at: index) else {
        index += 1
        continue
      }
      var range = index..<index + pattern.bytes.count
      index = range.upperBound
      if pattern.token.singleWord, touchesWord(range, in: text) { continue }
      if pattern.token.lstrip {
        range = max(done, UTF8Bytes.spaceStart(text, before: range.lowerBound))..<range.upperBound
      }
      if pattern.token.rstrip { range = range.lowerBound..<UTF8Bytes.spaceEnd(text, after: range.upperBound) }
      if done < range.lowerBound { segments.append(Segment(range: done..<range.lowerBound, id: nil)) }
      segments.append(Segment(range: range, id: pattern.id))
      done = range.upperBound
    }
    if done < text.count { segments.append(Segment(range: done..<text.count, id: nil)) }
    return segments
  }

  private func longestMatch(in text: UnsafeBufferPointer<UInt8>, at index: Int) -> Pattern? {
    patterns[Int(text[index])].first { text[index...].starts(with: $0.bytes) }
  }

  private func touchesWord(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    let words = CharacterClass.wordCharacters
    if range.lowerBound > 0, words.contains(UTF8Bytes.scalar(text, before: range.lowerBound).value) {
      return true
    }
    return range.upperBound < text.count && words.contains(UTF8Bytes.scalar(text, at: range.upperBound).value)
  }
}
