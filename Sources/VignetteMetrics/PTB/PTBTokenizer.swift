/// Tokenizes captions as coco-caption does: by the rules of Stanford's Penn Treebank tokenizer (CoreNLP
/// 3.4.1 with `-preserveLines -lowerCase`), with punctuation left out afterwards.
///
/// Contractions are split (`don't` → `do n't`), hyphenated words stay whole, brackets become `-lrb-` and
/// the like (which coco-caption's list of punctuation, in capitals, doesn't remove), and a few
/// characters are spelt out (`½` → `1/2`, `¢` → `cents`). A token may hold a hard space, in `2 1/2`.
///
/// The rules were found by comparing with the reference tokenizer's output; each position is given to
/// the rule that reads furthest there, and of several to the first.
package enum PTBTokenizer {
  /// The tokens of a caption, lowercased, joined by spaces: what coco-caption scores.
  package static func tokenize(_ caption: String) -> String {
    joined(tokens(in: caption))
  }

  /// The tokens of each of a list of captions, as coco-caption gives them when they stand in one file in
  /// this order: a period at a caption's end may be judged by the first word of the next.
  package static func tokenize(_ captions: [String]) -> [String] {
    tokens(in: captions).map(joined)
  }

  private static func joined(_ tokens: [[UInt8]]) -> String {
    tokens.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
  }

  /// The tokens of each of a list of captions, as UTF-8.
  ///
  /// As the reference tokenizer reads them from one file, a period at a caption's end may be judged by
  /// the first word of the next.
  static func tokens(in captions: [String]) -> [[[UInt8]]] {
    captions.indices.map { index in
      tokens(in: captions[index], before: index + 1 < captions.count ? captions[index + 1] : nil)
    }
  }

  /// The tokens as UTF-8.
  static func tokens(in caption: String, before next: String? = nil) -> [[UInt8]] {
    let text = PTBText(caption, before: next)
    var tokens: [[UInt8]] = []
    var index = 0
    while index < text.count {
      if text.kind(index) == .space || text.kind(index) == .ignored {
        index += 1
        continue
      }
      let match = text.plainWord(at: index) ?? longestMatch(in: text, at: index)
      switch match.result {
      case .token: append(text.scalars[index..<index + match.length], to: &tokens)
      case .replaced(let token): tokens.append(token.withUTF8Buffer(Array.init))
      case .quotes(let first, let second):
        tokens.append(first.withUTF8Buffer(Array.init) + second.withUTF8Buffer(Array.init))
      case .dropped: break
      }
      index += match.length
    }
    return tokens
  }

  /// The rules, in order of precedence.
  private static let rules: [@Sendable (PTBText) -> (Int) -> PTBMatch?] = [
    PTBText.markup, PTBText.splitWord, PTBText.negatedVerb, PTBText.possessor, PTBText.word,
    PTBText.apostropheWord, PTBText.apostropheToken, PTBText.openingQuote,
    PTBText.contraction, PTBText.quotes, PTBText.webAddress, PTBText.email,
    PTBText.socialName, PTBText.dottedWord, PTBText.abbreviation, PTBText.wordInsideSentence,
    PTBText.letterAtSentenceEnd, PTBText.acronym, PTBText.fileName, PTBText.company,
    PTBText.fraction, PTBText.phoneNumber, PTBText.number, PTBText.hyphenated, PTBText.slashed,
    PTBText.currency, PTBText.smiley, PTBText.marks,
  ]

  private static func longestMatch(in text: PTBText, at index: Int) -> PTBMatch {
    var best = text.singleMark(at: index)
    var extent = 0
    for rule in rules {
      if let match = rule(text)(index), match.extent > extent {
        best = match
        extent = match.extent
      }
    }
    return best
  }

  private static func append(_ scalars: ArraySlice<Unicode.Scalar>, to tokens: inout [[UInt8]]) {
    var token: [UInt8] = []
    token.reserveCapacity(scalars.count + 8)
    for scalar in scalars {
      switch scalar {
      case "A"..."Z": token.append(UInt8(truncatingIfNeeded: scalar.value | 0x20))
      case "(": token += "-lrb-".utf8
      case ")": token += "-rrb-".utf8
      case "\u{AD}": break
      case " ", "\t": token += "\u{A0}".utf8
      case _ where scalar.value < 0x80: token.append(UInt8(truncatingIfNeeded: scalar.value))
      default: token += scalar.properties.lowercaseMapping.utf8
      }
    }
    if !token.isEmpty { tokens.append(token) }
  }
}

/// What a rule of the tokenizer found at a position.
struct PTBMatch {
  /// What becomes of the characters.
  enum Result {
    /// They are a token.
    case token
    /// They become another token.
    case replaced(StaticString)
    /// They become a token of these two parts.
    case quotes(StaticString, StaticString)
    /// They are punctuation that coco-caption leaves out.
    case dropped
  }

  /// How many characters the token takes.
  let length: Int

  /// How many characters the rule looked at: the rule that looked furthest wins.
  let extent: Int

  let result: Result

  init(length: Int, extent: Int? = nil, _ result: Result = .token) {
    self.length = length
    self.extent = extent ?? length
    self.result = result
  }
}
