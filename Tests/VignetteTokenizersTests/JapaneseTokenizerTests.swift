import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// `BertJapaneseTokenizer` with characters for subwords, as manga-ocr has it. Values are those of Transformers 5.24.
@Suite struct JapaneseTokenizerTests {
  private static let vocabulary =
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nこ\nれ\nは\nA\na\n1\nが\nガ\n。\n##本\n！\n!\n.\n"

  private static func load(_ settings: String) throws -> (any Tokenizer, TemporaryFolder) {
    let folder = try TemporaryFolder()
    try folder.write(Data(vocabulary.utf8), to: "vocab.txt")
    try folder.write(
      Data(#"{"tokenizer_class":"BertJapaneseTokenizer"\#(settings)}"#.utf8), to: "tokenizer_config.json")
    return (try AutoTokenizer.load(from: folder.url), folder)
  }

  private static let text = "これ は\u{3000}Ａa①か\u{3099}ｶﾞ 本。！[MASK]\n"

  @Test(arguments: [
    #","word_tokenizer_type":"basic""#,
    #","word_tokenizer_type":"mecab","mecab_kwargs":{"mecab_dic":"unidic_lite"}"#,
  ])
  func charactersAreTokens(words: String) throws {
    let (tokenizer, _) = try Self.load(
      #","do_lower_case":false,"subword_tokenizer_type":"character"\#(words)"#)
    #expect(tokenizer.encode(Self.text) == [2, 5, 6, 7, 8, 9, 10, 11, 12, 1, 13, 16, 4, 3])
    let ids = [2, 5, 6, 14, 16, 17, 1, 3]
    #expect(tokenizer.decode(ids) == "[CLS] こ れ本 ! . [UNK] [SEP]")
    #expect(tokenizer.decode(ids, skipSpecialTokens: true) == "こ れ本 ! .")
    #expect(
      tokenizer.decode(ids, skipSpecialTokens: true, cleanUpTokenizationSpaces: true) == "こ れ本!.")
    #expect(tokenizer.vocabularySize == 18 && tokenizer.padTokenID == 0 && tokenizer.maskTokenID == 4)
  }

  @Test func aSavedTokenizerIsTheSame() throws {
    let (tokenizer, _) = try Self.load(
      #","subword_tokenizer_type":"character","word_tokenizer_type":"mecab""#)
    let saved = try TemporaryFolder()
    try tokenizer.save(to: saved.url)
    #expect(!FileManager.default.fileExists(atPath: saved.url.appendingPathComponent("tokenizer.json").path))
    let loaded = try AutoTokenizer.load(from: saved.url)
    #expect(loaded.encode(Self.text) == tokenizer.encode(Self.text))
    #expect(loaded.decode([2, 5, 14, 3]) == tokenizer.decode([2, 5, 14, 3]))
  }

  @Test(arguments: [
    (
      #","word_tokenizer_type":"mecab""#, "whose subword_tokenizer_type is not \"character\" is not supported"
    ),
    (
      #","subword_tokenizer_type":"character","word_tokenizer_type":"sudachi""#,
      "word_tokenizer_type \"sudachi\""
    ),
  ])
  func whatNeedsADictionaryIsRefused(settings: String, message: String) throws {
    let error = try #require(throws: TokenizerError.self) { try Self.load(settings) }
    #expect("\(error)".contains(message), "\(error)")
  }
}
