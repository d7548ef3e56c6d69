/// Cuts English text into sentences as NLTK's `sent_tokenize` does, by the Punkt algorithm with the
/// parameters that NLTK trained for English.
///
/// T. Kiss and J. Strunk, "Unsupervised Multilingual Sentence Boundary Detection", 2006.
package struct PunktSentenceTokenizer: Sendable {
  /// The tokenizer for English.
  package static let english = PunktSentenceTokenizer()

  private init() {}

  /// The sentences of `text`, each with its closing quotes and brackets, without the space between.
  package func sentences(in text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    return sentences(in: scalars).map { Self.string(scalars[$0]) }
  }

  /// The sentences of `text` once the space around it is gone: what captioning scripts join by newlines
  /// before ROUGE-Lsum.
  func lines(of text: String) -> [String] {
    let scalars = Array(text.unicodeScalars)
    let end = Self.endWithoutSpace(scalars[...])
    let start = scalars[..<end].firstIndex { !$0.isSpace } ?? end
    let trimmed = Array(scalars[start..<end])
    return sentences(in: trimmed).map { Self.string(trimmed[$0]) }
  }

  private func sentences(in text: [Unicode.Scalar]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = 0
    for end in PunktSentenceEnd.candidates(in: text) where isBreak(end, in: text) {
      pieces.append(start..<end.index + 1)
      start = end.nextToken ?? end.index + 1
    }
    pieces.append(start..<max(start, Self.endWithoutSpace(text[...])))
    return realigned(pieces, in: text)
  }

  /// Whether the words around a possible end hold a sentence break before their last word.
  private func isBreak(_ end: PunktSentenceEnd, in text: [Unicode.Scalar]) -> Bool {
    var tokens = PunktToken.tokens(in: text[end.context])
    for index in tokens.indices.dropLast() {
      tokens[index].decide(before: tokens[index + 1])
      if tokens[index].isSentenceBreak { return true }
    }
    return false
  }

  /// Moves closing quotes and brackets at a sentence's start to the end of the one before.
  private func realigned(_ pieces: [Range<Int>], in text: [Unicode.Scalar]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var shift = 0
    for (index, piece) in pieces.enumerated() {
      let sentence = min(piece.lowerBound + shift, piece.upperBound)..<piece.upperBound
      shift = 0
      if index + 1 < pieces.count, let closing = Self.closing(in: text[pieces[index + 1]]) {
        result.append(sentence.lowerBound..<pieces[index + 1].lowerBound + closing.marks)
        shift = closing.length
      } else if !sentence.isEmpty {
        result.append(sentence)
      }
    }
    return result
  }

  /// How many closing marks a piece begins with, and their number with the space after them; nil unless
  /// space, a double dash or the end follows.
  private static func closing(in piece: ArraySlice<Unicode.Scalar>) -> (marks: Int, length: Int)? {
    let marks = piece.prefix { PunktCharacters.closing.contains($0) }.count
    guard marks > 0 else { return nil }
    let rest = piece.dropFirst(marks)
    let spaces = rest.prefix { $0.isSpace }.count
    guard spaces > 0 || rest.isEmpty || rest.starts(with: ["-", "-"]) else { return nil }
    return (marks, marks + spaces)
  }

  private static func endWithoutSpace(_ text: ArraySlice<Unicode.Scalar>) -> Int {
    text.lastIndex { !$0.isSpace }.map { $0 + 1 } ?? text.startIndex
  }

  private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var string = String.UnicodeScalarView()
    string.append(contentsOf: scalars)
    return String(string)
  }
}

/// A mark in a text that may end a sentence, with the words that decide it.
struct PunktSentenceEnd {
  /// Where the mark stands.
  let index: Int

  /// Where the next word begins, if only space parts it from the mark.
  let nextToken: Int?

  /// From the start of the word before the mark to the end of what follows it.
  let context: Range<Int>

  /// The possible ends of `text`: a mark followed by punctuation, or by space and a word. Of several
  /// marks whose words overlap, only the last counts.
  static func candidates(in text: [Unicode.Scalar]) -> [PunktSentenceEnd] {
    var found: [PunktSentenceEnd] = []
    var previous: PunktSentenceEnd?
    for index in text.indices where PunktCharacters.endsSentence(text[index]) {
      guard let following = following(index, in: text) else { continue }
      let before = previous.map { $0.index } ?? 0
      let wordStart = wordStart(before: index, after: before, in: text) ?? previous?.context.lowerBound ?? 0
      if let previous, previous.index <= wordStart { found.append(previous) }
      previous = PunktSentenceEnd(
        index: index, nextToken: following.nextToken, context: wordStart..<following.end)
    }
    if let previous { found.append(previous) }
    return found
  }

  private static func following(_ index: Int, in text: [Unicode.Scalar]) -> (nextToken: Int?, end: Int)? {
    guard index + 1 < text.count else { return nil }
    if PunktCharacters.nonWord.contains(text[index + 1]) { return (nil, index + 2) }
    guard text[index + 1].isSpace, let next = text[(index + 1)...].firstIndex(where: { !$0.isSpace }) else {
      return nil
    }
    return (next, text[next...].firstIndex { $0.isSpace } ?? text.count)
  }

  /// Where the word before a mark begins: after the last ASCII space in `bound ..< index`, unless that
  /// space is the very first character there, which NLTK takes for none.
  private static func wordStart(before index: Int, after bound: Int, in text: [Unicode.Scalar]) -> Int? {
    guard
      let space = text[bound..<index].lastIndex(where: {
        $0.value == 0x20 || (0x09...0x0D).contains($0.value)
      }),
      space > bound
    else { return nil }
    return space + 1
  }
}
