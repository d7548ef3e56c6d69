import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// What tokens add to a text, against Transformers' `StopStringCriteria.clean_tokenizer_vocab`.
@Suite struct TextBytesTests {
  struct Expected: Decodable {
    let name: String
    let count: Int
    let digest: String
    /// In hexadecimal.
    let first: [String?]
    let last: [String?]
  }

  static let cases = Result {
    try Fixture.json([Expected].self, "generation_options/token_bytes.json")
  }

  @Test func equalTransformers() throws {
    let cases = try Self.cases.get()
    #expect(cases.count == TokenizerCase.all.count)
    for (expected, source) in zip(cases, TokenizerCase.all) {
      #expect(expected.name == source.name)
      let temporary = try TemporaryFolder()
      let tokenizer = try AutoTokenizer.load(from: source.folder(in: temporary))
      #expect(tokenizer.idBound == expected.count)
      let table = (0..<tokenizer.idBound).map { tokenizer.textBytes(of: $0) }
      #expect(table.prefix(40).map { $0.map(Self.hexadecimal) } == expected.first, "\(expected.name)")
      #expect(table.suffix(8).map { $0.map(Self.hexadecimal) } == expected.last, "\(expected.name)")
      #expect(Digest.of(table.map { ($0 ?? []) + [0xFF] }) == expected.digest, "\(expected.name)")
      #expect(tokenizer.textBytes(of: tokenizer.idBound) == nil && tokenizer.textBytes(of: -1) == nil)
    }
  }

  /// A tokenizer of someone else's, which has `decode` alone.
  @Test func followsFromDecodingWhereATokenizerDoesNotSay() throws {
    let source = try #require(TokenizerCase.all.first { $0.name == "bert, uncased" })
    let temporary = try TemporaryFolder()
    let tokenizer = try AutoTokenizer.load(from: source.folder(in: temporary))
    let foreign = Foreign(base: tokenizer)
    for id in 200..<300 { #expect(foreign.textBytes(of: id) == tokenizer.textBytes(of: id)) }
    #expect(foreign.textBytes(of: 100_000) == nil)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  private struct Foreign: Tokenizer {
    let base: any Tokenizer
    var vocabularySize: Int { base.vocabularySize }
    var idBound: Int { base.idBound }
    var modelMaxLength: Int? { nil }
    var bosTokenID: Int? { nil }
    var eosTokenID: Int? { nil }
    var padTokenID: Int? { nil }
    var unknownTokenID: Int? { nil }
    var clsTokenID: Int? { nil }
    var sepTokenID: Int? { nil }
    var maskTokenID: Int? { nil }
    func encode(_ text: String, addSpecialTokens: Bool) -> [Int] {
      base.encode(text, addSpecialTokens: addSpecialTokens)
    }
    func decode(_ ids: [Int], skipSpecialTokens: Bool, cleanUpTokenizationSpaces: Bool?) -> String {
      base.decode(
        ids, skipSpecialTokens: skipSpecialTokens, cleanUpTokenizationSpaces: cleanUpTokenizationSpaces)
    }
    func tokenID(for token: String) -> Int? { base.tokenID(for: token) }
    func token(for id: Int) -> String? { base.token(for: id) }
    func save(to folder: URL) throws {}
  }
}
