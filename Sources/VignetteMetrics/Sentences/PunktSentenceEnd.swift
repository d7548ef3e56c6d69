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
