import Foundation
import VignetteTestSupport
import Testing
import VignetteTokenizers

/// Tokenizers load and work as Transformers' `AutoTokenizer` does, on ten thousand awkward lines.
struct ParityTests {
  @Test func generatorDrawsTheLinesOfTheFixtures() throws {
    let material = try AwkwardLines.material.get()
    let lines = try AwkwardLines.all.get()
    #expect(Array(lines.prefix(8)).elementsEqual(material.firstLines) { $0.utf8.elementsEqual($1.utf8) })
    #expect(Digest.blocks(lines.map(Digest.bytes), of: material.block) == material.digests)
    #expect(TokenizerCase.all.count == 14)
  }

  @Test(arguments: TokenizerCase.all)
  func idsAndTextsEqualTransformers(_ expected: TokenizerCase) throws {
    let temporary = try TemporaryFolder()
    let tokenizer = try AutoTokenizer.load(from: expected.folder(in: temporary))
    try checkIDs(tokenizer, expected)
    try checkTexts(tokenizer, expected)
  }

  @Test(arguments: TokenizerCase.all)
  func savedTokenizerIsTheSame(_ expected: TokenizerCase) throws {
    let temporary = try TemporaryFolder()
    let saved = try TemporaryFolder()
    try AutoTokenizer.load(from: expected.folder(in: temporary)).save(to: saved.url)
    // The saved configuration names the class, so that no config.json is needed.
    let tokenizer = try AutoTokenizer.load(from: saved.url)
    try checkIDs(tokenizer, expected)

    // Without tokenizer.json, the older files say the same of the classes that have them.
    guard expected.base != "roberta", !expected.name.contains("tokenizer.json"),
      expected.files["tokenizer.json"] == nil
    else { return }
    try FileManager.default.removeItem(at: saved.url.appendingPathComponent("tokenizer.json"))
    try checkIDs(AutoTokenizer.load(from: saved.url), expected)
  }

  private func checkIDs(_ tokenizer: any Tokenizer, _ expected: TokenizerCase) throws {
    let material = try AwkwardLines.material.get()
    let lines = try AwkwardLines.all.get()
    let block = material.block
    #expect(tokenizer.vocabularySize == expected.vocabularySize)
    #expect(tokenizer.modelMaxLength == expected.modelMaxLength)
    let special = [
      "bos": tokenizer.bosTokenID, "eos": tokenizer.eosTokenID, "pad": tokenizer.padTokenID,
      "unk": tokenizer.unknownTokenID, "cls": tokenizer.clsTokenID, "sep": tokenizer.sepTokenID,
      "mask": tokenizer.maskTokenID,
    ]
    #expect(special.compactMapValues { $0 } == expected.specialIds)

    let ids = lines.map { tokenizer.encode($0) }
    for (line, (found, wanted)) in zip(lines, zip(ids, expected.firstIds)) {
      #expect(found == wanted, Comment(rawValue: line.debugDescription))
    }
    #expect(Digest.blocks(ids.map(Digest.bytes), of: block) == expected.ids)
    let plain = lines.prefix(1000).map { tokenizer.encode($0, addSpecialTokens: false) }
    #expect(Digest.blocks(plain.map(Digest.bytes), of: block) == expected.plainIds)
  }

  private func checkTexts(_ tokenizer: any Tokenizer, _ expected: TokenizerCase) throws {
    let material = try AwkwardLines.material.get()
    let ids = try AwkwardLines.all.get().map { tokenizer.encode($0) }

    func digests(skipping: Bool, cleaning: Bool?, _ ids: [[Int]]) -> [String] {
      let texts = ids.map {
        tokenizer.decode($0, skipSpecialTokens: skipping, cleanUpTokenizationSpaces: cleaning)
      }
      return Digest.blocks(texts.map(Digest.bytes), of: material.block)
    }
    #expect(digests(skipping: false, cleaning: false, ids) == expected.decoded)
    #expect(digests(skipping: true, cleaning: nil, ids) == expected.decodedSkipping)
    #expect(digests(skipping: false, cleaning: true, ids) == expected.decodedClean)

    // Random ids make broken UTF-8, and some of them are out of range.
    var generator = AwkwardLines(seed: material.idsSeed)
    let random = (0..<2000).map { _ in
      let count = 1 + generator.below(8)
      return (0..<count).map { _ in generator.below(expected.vocabularySize + 3) }
    }
    #expect(digests(skipping: false, cleaning: nil, random) == expected.decodedRandom)
  }
}
