import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// Unigram tokenizers load and work as Transformers' `AutoTokenizer` does, on ten thousand awkward lines.
struct UnigramParityTests {
  static let cases = TokenizerCase.cases("unigram/cases.json")

  @Test func allCasesAreThere() throws {
    #expect(Self.cases.count == 17)
    #expect(try AwkwardLines.all.get().count == 10_000)
  }

  @Test(arguments: cases)
  func idsAndTextsEqualTransformers(_ expected: TokenizerCase) throws {
    let temporary = try TemporaryFolder()
    let tokenizer = try AutoTokenizer.load(from: expected.folder(in: temporary))
    try expected.checkIDs(tokenizer)
    try expected.checkTexts(tokenizer)
  }

  @Test(arguments: cases)
  func savedTokenizerIsTheSame(_ expected: TokenizerCase) throws {
    let temporary = try TemporaryFolder()
    let saved = try TemporaryFolder()
    let original = try AutoTokenizer.load(from: expected.folder(in: temporary))
    try original.save(to: saved.url)
    let tokenizer = try AutoTokenizer.load(from: saved.url)
    try expected.checkIDs(tokenizer)
    for id in 0..<original.idBound {
      #expect(tokenizer.token(for: id) == original.token(for: id))
      #expect(
        tokenizer.decode([0, id], skipSpecialTokens: true)
          == original.decode([0, id], skipSpecialTokens: true))
    }
  }

  @Test(arguments: cases)
  func tokensAddTheirTextToWhatStandsBefore(_ expected: TokenizerCase) throws {
    let temporary = try TemporaryFolder()
    let tokenizer = try AutoTokenizer.load(from: expected.folder(in: temporary))
    let before = tokenizer.encode("dog", addSpecialTokens: false)
    let text = { (ids: [Int]) in
      Array(tokenizer.decode(ids, skipSpecialTokens: false, cleanUpTokenizationSpaces: false).utf8)
    }
    for id in stride(from: 0, to: tokenizer.idBound, by: 7) {
      let token = try #require(tokenizer.token(for: id))
      // A single byte is no text.
      if token.hasPrefix("<0x") { continue }
      #expect(
        tokenizer.textBytes(of: id) == Array(text(before + [id]).dropFirst(text(before).count)), "\(token)")
    }
  }
}
