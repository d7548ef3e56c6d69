import Testing
import VignetteFiles

@testable import VignetteLibrary

@Suite struct CaptionTextTests {
  private func rules(_ change: (inout CaptionText) -> Void) -> CaptionText {
    var rules = CaptionText()
    change(&rules)
    return rules
  }

  @Test func nothingIsAskedFor() {
    let text = "  a dog, on a beach — \u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467} "
    #expect(CaptionText().isIdentity)
    #expect(
      CaptionText().applied(to: text) == "a dog, on a beach — \u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}")
  }

  @Test(arguments: [
    ("an image of a dog", "a dog"), ("An image of: a dog", "a dog"), ("an  image\tof, a dog", "a dog"),
    ("an image of", "an image of"), ("an image of ", "an image of"),
    ("an image often seen", "an image often seen"),
    ("an image", "an image"), ("AN IMAGE OF A DOG", "A DOG"),
    ("a dog and an image of a cat", "a dog and an image of a cat"),
    ("an image of a picture of a dog", "a dog"), ("a picture of the dog", "dog"), ("", ""),
    ("ein Bild von einem Hund", "einem Hund"), ("EIN BILD VON EINEM HUND", "EINEM HUND"),
    ("e\u{301}tude de nu", "nu"), ("étude de nu", "nu"),
  ])
  func fillersAreStripped(_ text: String, _ stripped: String) {
    let rules = rules {
      $0.fillers = ["an image of", "a picture of", "a picture of the", "Ein Bild von", "Étude  de", " "]
    }
    #expect(rules.applied(to: text) == stripped)
  }

  @Test(arguments: [
    ("a dog", "A dog"), ("A dog", "A dog"), ("éclair", "Éclair"), ("e\u{301}clair", "E\u{301}clair"),
    ("ßen", "ßen"),
    ("ǆ", "Ǆ"), ("7 dogs", "7 dogs"), ("", ""), ("ﬁsh", "ﬁsh"), ("\u{1F436} dog", "\u{1F436} dog"),
    ("я", "Я"),
  ])
  func sentencesBeginLarge(_ text: String, _ large: String) {
    #expect(rules { $0.isSentence = true }.applied(to: text) == large)
  }

  @Test func theFirstLetterIsThatOfTheWhole() {
    let prefixed = rules { ($0.isSentence, $0.prefix, $0.suffix) = (true, "photo of ", ".") }
    #expect(prefixed.applied(to: "a dog") == "Photo of a dog.")
    let stripped = rules { ($0.isSentence, $0.fillers) = (true, ["there is"]) }
    #expect(stripped.applied(to: "There is a dog") == "A dog")
  }

  @Test(arguments: [
    // Whole clauses, where they fill a third of the room.
    ("a dog runs. a cat sleeps on the sofa", 20, "a dog runs."),
    ("a dog, a cat and a bird", 12, "a dog, a cat"),
    ("a dog runs on a beach, with a ball", 25, "a dog runs on a beach"), ("a dog - and a cat", 7, "a dog"),
    ("eins, zwei drei vier fünf sechs", 30, "eins, zwei drei vier fünf"),
    // Else whole words, without the little ones that wait for more.
    ("a dog sits on the green grass", 16, "a dog sits"),
    ("a dog sits on the green grass", 24, "a dog sits on the green"),
    ("a dog sits on the green grass", 29, "a dog sits on the green grass"),
    ("a dog sits on", 10, "a dog sits"),
    ("one 3.5 two", 7, "one 3.5"), ("it is", 3, "it"),
    // Else characters.
    ("Donaudampfschifffahrt", 5, "Donau"), ("the", 2, "th"), ("a", 0, ""),
    // No clusters of scalars are cut.
    ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}e\u{301}"),
    (
      "\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}\u{1F436}", 1, "\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}"
    ),
    // Languages without spaces.
    ("犬が走る。猫が寝ている", 8, "犬が走る。"), ("草地上的狗，还有一只猫", 7, "草地上的狗"),
  ])
  func textsAreCut(_ text: String, _ limit: Int, _ cut: String) {
    let rules = rules { $0.maximumCharacters = limit }
    #expect(CaptionText.cut(text, to: limit) == cut)
    if limit > 0 { #expect(rules.applied(to: text) == cut) }
  }

  /// Whatever the text, what is left is its beginning, short enough, and as it is where it was short enough.
  @Test func cutTextsAreBeginnings() {
    var generator = SystemRandomNumberGenerator()
    let pieces = [
      "a", "dog", ", ", " ", ". ", "on", "é", "e\u{301}", "\u{1F468}\u{200D}\u{1F680}", "。", "-", "\r\n",
      "\u{200D}",
    ]
    for _ in 0..<2000 {
      let text = (0..<Int.random(in: 0..<20, using: &generator)).map { _ in pieces.randomElement() ?? "" }
        .joined()
      let limit = Int.random(in: 1..<25, using: &generator)
      let cut = CaptionText.cut(text, to: limit)
      #expect(cut.count <= limit && text.utf8.starts(with: cut.utf8), "\(text.debugDescription) \(limit)")
      #expect(text.count > limit || cut == text)
      #expect(CaptionText.cut(cut, to: limit) == cut)
    }
  }

  @Test func prefixAndSuffixCount() throws {
    let rules = rules { ($0.maximumCharacters, $0.prefix, $0.suffix) = (20, "photo: ", " [x]") }
    #expect(rules.applied(to: "a dog on a beach") == "photo: a dog [x]")
    try rules.validate()
    #expect(throws: SettingError.self) {
      try self.rules { ($0.maximumCharacters, $0.prefix) = (7, "photo: ") }.validate()
    }
    #expect(throws: SettingError.self) { try self.rules { $0.maximumCharacters = 0 }.validate() }
  }
}
