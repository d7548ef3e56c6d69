import Foundation
package import VignetteTokenizers

/// The words of a caption and the tokens that each came of.
package struct CaptionWords {
  package private(set) var words: [CaptionAttention.Word] = []

  /// - Parameters:
  ///   - text: what `prompt` and `generated` together stand for, without special tokens and spaces around it.
  ///   - prompt: tokens that were given; words of these alone are left out.
  package init(_ text: String, prompt: [Int], generated: [Int], _ tokenizer: any Tokenizer) {
    let scalars = Array(text.unicodeScalars)
    func end(of tokenIDs: [Int]) -> Int {
      let part = tokenizer.decode(tokenIDs, skipSpecialTokens: true)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      // The beginning of a character of several tokens, or a space that is taken back before a full stop, is nothing yet.
      return zip(scalars, part.unicodeScalars).prefix { $0 == $1 }.count
    }
    var ends = [end(of: prompt)]
    for count in generated.indices {
      ends.append(max(ends[count], end(of: prompt + generated[...count])))
    }
    let isSpecial = generated.map {
      tokenizer.decode([$0], skipSpecialTokens: true).isEmpty
        && !tokenizer.decode([$0], skipSpecialTokens: false).isEmpty
    }
    for word in Self.ranges(of: scalars, tokenEnds: ends) {
      guard let tokens = Self.tokens(of: word, ends, isSpecial) else { continue }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars[word])
      words.append(CaptionAttention.Word(text: String(text), tokens: tokens))
    }
  }

  /// The tokens that reach into a part of the text, with those before them that are no text by themselves.
  ///
  /// - Parameters:
  ///   - ends: where the text ends before the first token, and behind each.
  private static func tokens(of word: Range<Int>, _ ends: [Int], _ isSpecial: [Bool]) -> Range<Int>? {
    let reaching = isSpecial.indices.filter {
      ends[$0] < ends[$0 + 1] && ends[$0] < word.upperBound && word.lowerBound < ends[$0 + 1]
    }
    guard var first = reaching.first, let last = reaching.last else { return nil }
    while first > 0, !isSpecial[first - 1], ends[first - 1] == ends[first] { first -= 1 }
    return first..<last + 1
  }

  /// What stands between spaces, and in scripts that write none between tokens.
  private static func ranges(of scalars: [Unicode.Scalar], tokenEnds: [Int]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    let ends = Set(tokenEnds)
    for index in 0...scalars.count {
      let isSpace = index < scalars.count && scalars[index].properties.isWhitespace
      let isBoundary =
        index == scalars.count || isSpace
        || index > 0 && ends.contains(index)
          && (scalars[index - 1].isOfUnspacedScript || scalars[index].isOfUnspacedScript)
      guard isBoundary else { continue }
      if start < index { ranges.append(start..<index) }
      start = isSpace ? index + 1 : index
    }
    return ranges
  }
}

extension Unicode.Scalar {
  /// Whether it is of a script that writes no spaces between words: Han, Kana, Thai, Lao, Myanmar, Khmer.
  fileprivate var isOfUnspacedScript: Bool {
    switch value {
    case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x2E80...0x2FDF, 0x3005...0x3007,
      0x3021...0x30FF, 0x3100...0x312F, 0x31A0...0x31BF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xF900...0xFAFF, 0xFF66...0xFF9F, 0x20000...0x3FFFF:
      true
    default: false
    }
  }
}
