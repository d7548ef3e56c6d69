import Foundation
import VignetteTestSupport
import Testing
import VignetteTokenizers

/// Training gives the vocabulary and merges of Hugging Face `tokenizers`.
struct TrainerTests {
  struct Trained: Decodable {
    var vocabSize: Int
    var minFrequency: Int
    var specialTokens: [String]
    var vocabularySize: Int
    var merges: Int
    var vocabularyDigest: String
    var mergesDigest: String
  }

  @Test func vocabularyAndMergesEqualTheirs() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let lines = try AwkwardLines.training()
    for expected in try decoder.decode([Trained].self, from: Fixture.data("tokenizers/trained.json")) {
      let trainer = ByteLevelBPETrainer(
        vocabSize: expected.vocabSize, minFrequency: expected.minFrequency,
        specialTokens: expected.specialTokens)
      let folder = try TemporaryFolder()
      let tokenizer = try trainer.train(on: lines)
      try tokenizer.save(to: folder.url)
      #expect(tokenizer.vocabularySize == expected.vocabularySize)
      let tokens = (0..<tokenizer.vocabularySize).map { tokenizer.token(for: $0) ?? "" }
      #expect(Digest.of(tokens.map(Digest.bytes)) == expected.vocabularyDigest)
      let text = try String(contentsOf: folder.url.appendingPathComponent("merges.txt"), encoding: .utf8)
      let merges = text.split(separator: "\n").dropFirst().map { String($0) }
      #expect(merges.count == expected.merges)
      #expect(Digest.of(merges.map(Digest.bytes)) == expected.mergesDigest)
    }
  }

  @Test func trainedTokenizerIsThatOfTheFixture() throws {
    let folder = try TemporaryFolder()
    let tokenizer = try ByteLevelBPETrainer(vocabSize: 1100, minFrequency: 2).train(
      on: AwkwardLines.training())
    try tokenizer.save(to: folder.url)
    let merges = try Data(contentsOf: folder.url.appendingPathComponent("merges.txt"))
    #expect(merges == (try Fixture.data("tokenizers/gpt2/merges.txt")))
    #expect(tokenizer.eosTokenID == 0)
    let vocabulary = try JSONDecoder().decode(
      [String: Int].self, from: Data(contentsOf: folder.url.appendingPathComponent("vocab.json")))
    #expect(vocabulary == (try Fixture.json([String: Int].self, "tokenizers/gpt2/vocab.json")))
  }

  @Test func nothingToLearnFromLeavesTheBytes() throws {
    let tokenizer = try ByteLevelBPETrainer().train(on: [])
    #expect(tokenizer.vocabularySize == 257)
    #expect(tokenizer.decode(tokenizer.encode("naïve 🙂")) == "naïve 🙂")
  }

  @Test func impossibleSizeIsRefused() {
    #expect(throws: TokenizerError.self) { try ByteLevelBPETrainer(vocabSize: -1).train(on: ["a"]) }
  }
}
