import Foundation
import VignetteFiles
import VignetteTestSupport
import Testing
import VignetteTokenizers

/// What a caller relies on, in small examples.
struct BehaviourTests {
  private func gpt2() throws -> any Tokenizer {
    try AutoTokenizer.load(from: Fixture.url("tokenizers/gpt2"), modelType: "gpt2")
  }

  @Test func byteLevelTextComesBack() throws {
    let tokenizer = try gpt2()
    for line in try AwkwardLines.all.get().prefix(2000) {
      #expect(tokenizer.decode(tokenizer.encode(line)).utf8.elementsEqual(line.utf8))
    }
    #expect(tokenizer.encode("").isEmpty)
    #expect(tokenizer.decode([]).isEmpty)
  }

  @Test func specialTokensAreSkippedWhenAsked() throws {
    let tokenizer = try gpt2()
    let end = try #require(tokenizer.eosTokenID)
    let ids = tokenizer.encode("a dog<|endoftext|> .")
    #expect(ids.contains(end))
    #expect(tokenizer.decode(ids) == "a dog<|endoftext|> .")
    #expect(tokenizer.decode(ids, skipSpecialTokens: true) == "a dog .")
    #expect(tokenizer.token(for: end) == "<|endoftext|>")
    #expect(tokenizer.tokenID(for: "<|endoftext|>") == end)
  }

  @Test func idsOutOfRangeAreLeftOut() throws {
    let tokenizer = try gpt2()
    let dog = tokenizer.encode(" dog")
    #expect(tokenizer.decode([-1, .min, .max, 1100] + dog) == " dog")
    #expect(tokenizer.token(for: -1) == nil)
    #expect(tokenizer.token(for: 1100) == nil)
    #expect(tokenizer.tokenID(for: "no such token") == nil)
  }

  /// U+0041 U+030A and U+00C5 are equal as Swift strings, and different text.
  @Test func canonicallyEquivalentTextStaysApart() throws {
    let tokenizer = try gpt2()
    let composed = tokenizer.encode("\u{C5}")
    let decomposed = tokenizer.encode("A\u{30A}")
    #expect(composed != decomposed)
    #expect(tokenizer.decode(composed).unicodeScalars.count == 1)
    #expect(tokenizer.decode(decomposed).unicodeScalars.count == 2)
  }

  @Test func halfACharacterBecomesAReplacement() throws {
    let tokenizer = try gpt2()
    let ids = ["ð", "Ł"].compactMap(tokenizer.tokenID)
    #expect(ids.count == 2)
    #expect(tokenizer.decode(ids) == "\u{FFFD}")
    #expect(tokenizer.decode(ids + tokenizer.encode("a")) == "\u{FFFD}a")
  }

  @Test func wordPieceDecodesAsText() throws {
    let tokenizer = try AutoTokenizer.load(from: Fixture.url("tokenizers/bert"))
    let ids = tokenizer.encode("A man's DOG, playing!")
    #expect(ids.first == tokenizer.clsTokenID)
    #expect(ids.last == tokenizer.sepTokenID)
    #expect(tokenizer.decode(ids, skipSpecialTokens: true) == "a man ' s dog, playing!")
    #expect(
      tokenizer.decode(ids, skipSpecialTokens: true, cleanUpTokenizationSpaces: true)
        == "a man's dog, playing!")
  }

  /// roberta/tokenizer.json asks for truncation to 5 and padding to 20.
  @Test func storedTruncationAndPaddingAreNotApplied() throws {
    let tokenizer = try AutoTokenizer.load(from: Fixture.url("tokenizers/roberta"))
    let text = "a man and a woman are playing in the street with two dogs"
    let ids = tokenizer.encode(text)
    #expect(tokenizer.decode(ids) == "<s>\(text)</s>")
    #expect(tokenizer.encode("a").count == 3)
  }

  @Test func megabyteWithoutSpacesEnds() throws {
    let text = String(repeating: "ab", count: 500_000)
    let tokenizer = try gpt2()
    #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    let bert = try AutoTokenizer.load(from: Fixture.url("tokenizers/bert"))
    #expect(bert.encode(text, addSpecialTokens: false) == [bert.unknownTokenID])
  }

  @Test func savingWhereNoFolderCanBeNamesIt() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(), to: "file")
    let error = #expect(throws: SystemError.self) {
      try gpt2().save(to: file.appendingPathComponent("inside"))
    }
    #expect(error.map { "\($0)".contains(file.path) } == true)
  }
}
