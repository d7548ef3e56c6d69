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
    try expected.checkIDs(tokenizer)
    try expected.checkTexts(tokenizer)
  }

  @Test(arguments: TokenizerCase.all)
  func savedTokenizerIsTheSame(_ expected: TokenizerCase) throws {
    let temporary = try TemporaryFolder()
    let saved = try TemporaryFolder()
    try AutoTokenizer.load(from: expected.folder(in: temporary)).save(to: saved.url)
    // The saved configuration names the class, so that no config.json is needed.
    let tokenizer = try AutoTokenizer.load(from: saved.url)
    try expected.checkIDs(tokenizer)

    // Without tokenizer.json, the older files say the same of the classes that have them.
    guard expected.base != "roberta", !expected.name.contains("tokenizer.json"),
      expected.files["tokenizer.json"] == nil
    else { return }
    try FileManager.default.removeItem(at: saved.url.appendingPathComponent("tokenizer.json"))
    try expected.checkIDs(AutoTokenizer.load(from: saved.url))
  }
}
