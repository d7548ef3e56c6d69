/// A word of the text around a possible sentence end, and what Punkt decides about it.
struct PunktToken {
  let text: ArraySlice<Unicode.Scalar>

  /// The lowercased word, or `##number##` for a number.
  let type: String

  private(set) var isSentenceBreak = false
  private var isAbbreviation = false
  private var isEllipsis = false

  /// Takes a word and classifies it by itself: a mark, an ellipsis, an abbreviation or a sentence end.
  init(_ text: ArraySlice<Unicode.Scalar>) {
    self.text = text
    type = Self.isNumber(text) ? "##number##" : Self.lowercased(text)
    if text.count == 1, let only = text.first, PunktCharacters.endsSentence(only) {
      isSentenceBreak = true
    } else if text.count > 1, text.allSatisfy({ $0 == "." }) {
      isEllipsis = true
    } else if endsInPeriod, text.dropLast().last != "." {
      let word = Self.lowercased(text.dropLast())
      let lastPart = word.split(separator: "-", omittingEmptySubsequences: false).last.map(String.init)
      let model = EnglishPunktModel.shared
      if model.abbreviations.contains(word) || lastPart.map(model.abbreviations.contains) ?? false {
        isAbbreviation = true
      } else {
        isSentenceBreak = true
      }
    }
  }

  /// Revises the word's classification in view of the word after it.
  mutating func decide(before next: PunktToken) {
    guard endsInPeriod else { return }
    let model = EnglishPunktModel.shared
    let word = typeWithoutPeriod
    if model.collocations[word]?.contains(next.typeWithoutSentencePeriod) ?? false {
      isSentenceBreak = false
      return
    }
    if isAbbreviation || isEllipsis, !isInitial {
      let startsSentence =
        next.startsSentence == true
        || next.firstIsUpper && model.sentenceStarters.contains(next.typeWithoutSentencePeriod)
      if startsSentence {
        isSentenceBreak = true
        return
      }
    }
    guard isInitial || word == "##number##" else { return }
    if next.startsSentence == false || isInitial && next.isAlwaysCapitalised {
      isSentenceBreak = false
    }
  }

  // MARK: What the word looks like

  private var endsInPeriod: Bool { text.last == "." }

  private var isInitial: Bool {
    guard text.count == 2, endsInPeriod, let first = text.first else { return false }
    return first == "_" || first.properties.isAlphabeticOrNumeral
  }

  private var firstIsUpper: Bool { text.first?.properties.isUppercase ?? false }
  private var firstIsLower: Bool { text.first?.properties.isLowercase ?? false }

  private var typeWithoutPeriod: String {
    type.unicodeScalars.count > 1 && type.unicodeScalars.last == "."
      ? String(type.unicodeScalars.dropLast()) : type
  }

  private var typeWithoutSentencePeriod: String { isSentenceBreak ? typeWithoutPeriod : type }

  // MARK: What its spelling says about its position

  /// Whether the word begins a sentence, judged by how it was spelt in the training text; nil if that
  /// is undecided.
  private var startsSentence: Bool? {
    if text.count == 1, let only = text.first, PunktCharacters.punctuation.contains(only) { return false }
    let spelling = EnglishPunktModel.shared.spelling(of: typeWithoutSentencePeriod)
    if firstIsUpper, spelling == .lowercaseInside || spelling == .lowercaseAnywhere { return true }
    if firstIsLower, spelling != .lowercaseAnywhere { return false }
    return nil
  }

  /// Whether the word is capitalised, undecided, and was never seen in lower case.
  private var isAlwaysCapitalised: Bool {
    startsSentence == nil && firstIsUpper
      && EnglishPunktModel.shared.spelling(of: typeWithoutSentencePeriod) == .neverLowercase
  }

  // MARK: Spelling

  private static func lowercased(_ text: ArraySlice<Unicode.Scalar>) -> String {
    text.reduce(into: "") { $0 += $1.properties.lowercaseMapping }
  }

  /// An optional minus, an optional point or comma, a digit, then digits and `,.-`.
  private static func isNumber(_ text: ArraySlice<Unicode.Scalar>) -> Bool {
    var rest = text
    if rest.first == "-" { rest = rest.dropFirst() }
    if rest.first == "." || rest.first == "," { rest = rest.dropFirst() }
    guard rest.first?.properties.numericType == .decimal else { return false }
    return rest.allSatisfy { $0 == "," || $0 == "." || $0 == "-" || $0.properties.numericType == .decimal }
  }
}

extension Unicode.Scalar.Properties {
  /// Whether the character is a letter or a number that is no decimal digit.
  fileprivate var isAlphabeticOrNumeral: Bool {
    switch generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: numericType != nil && numericType != .decimal
    }
  }
}
