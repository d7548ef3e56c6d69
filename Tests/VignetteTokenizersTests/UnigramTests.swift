import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// The unigram model in small, with values of `tokenizers` 0.23.3.
@Suite struct UnigramTests {
  private static let metaspace =
    #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":false}"#

  private static func load(
    _ vocabulary: String, model: String = #""unk_id":0"#, other: String = #""decoder":null"#
  ) throws -> any Tokenizer {
    let folder = try TemporaryFolder()
    let json = #"{"added_tokens":[],\#(other),"model":{"type":"Unigram",\#(model),"vocab":\#(vocabulary)}}"#
    try folder.write(Data(json.utf8), to: "tokenizer.json")
    return try AutoTokenizer.load(from: folder.url)
  }

  @Test func aTokenThatComesTwiceHasBothIDs() throws {
    let tokenizer = try Self.load(#"[["<unk>",0.0],["a",-2.0],["a",-1.0],["b",-2.0],["ab",-3.5]]"#)
    #expect(tokenizer.encode("ab") == [2, 3])
    #expect(tokenizer.encode("xab") == [0, 2, 3])
    #expect(tokenizer.vocabularySize == 5)
    #expect(tokenizer.decode([0, 1, 2, 3]) == "<unk> a a b")
    #expect(tokenizer.tokenID(for: "a") == 2)
  }

  @Test func unknownNeighboursAreOneAndMayFallBackToBytes() throws {
    let tokenizer = try Self.load(
      #"[["<unk>",0.0],["a",-2.0],["<0x62>",0.0],["<0xC3>",0.0],["",-1.0]]"#,
      model: #""unk_id":0,"byte_fallback":true"#)
    #expect(tokenizer.encode("abb") == [1, 2, 2])
    #expect(tokenizer.encode("a<unk>") == [1, 0])
    // As one piece, "b<unk>b" has bytes that are no tokens.
    #expect(tokenizer.encode("ab<unk>b") == [1, 0])
    #expect(tokenizer.encode("é") == [0])
  }

  @Test func onlyWhatTheTextBeginsWithGetsTheFirstMark() throws {
    let vocabulary = #"[["<unk>",0.0],["▁",-3.0],["a",-2.0],["▁a",-1.0]]"#
    let split = #"{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},\#(Self.metaspace)]}"#
    let tokenizer = try Self.load(vocabulary, other: #""pre_tokenizer":\#(split)"#)
    #expect(tokenizer.encode("a a") == [3, 2])
    #expect(tokenizer.encode(" a a") == [2, 2])
    // What is taken away at the beginning is still the beginning.
    for (normalizer, text, ids) in [
      (#"{"type":"Strip","strip_left":true,"strip_right":false}"#, " a", [2]),
      (#"{"type":"Replace","pattern":{"String":"x"},"content":""}"#, "xa", [2]),
      (#"{"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "}"#, "  a", [3]),
      (#"{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"}]}"#, "\u{301}a", [2]),
      (#"{"type":"Prepend","prepend":"x"}"#, "a", [1, 0, 2]),
    ] {
      let tokenizer = try Self.load(
        vocabulary, other: #""normalizer":\#(normalizer),"pre_tokenizer":\#(Self.metaspace)"#)
      #expect(tokenizer.encode(text) == ids, "\(normalizer)")
    }
  }

  /// Python's readers round -2.0154635906219482 correctly; `tokenizers` reads -2.015463590621948, which decides here.
  @Test func scoresAreReadAsTokenizersDoes() throws {
    let pieces =
      #"["<unk>",0.0],["a",-2.0154635906219482],["b",0.0],["c",0.0],["ab",-2.015463590621948],["bc",0.0]"#
    let tokenizer = try Self.load("[\(pieces)]")
    #expect(tokenizer.encode("abc") == [1, 5])
    // Equally good ways: the one that was found first stays.
    #expect(tokenizer.encode("ab") == [4])
  }

  @Test func aMegabyteWithoutSpacesEnds() throws {
    let tokenizer = try Self.load(
      #"[["<unk>",0.0],["a",-2.0],["aaaaaaaa",-3.0],["aa",-2.5],["b",-2.0]]"#,
      other: #""pre_tokenizer":\#(Self.metaspace)"#)
    let ids = tokenizer.encode(
      String(repeating: "a", count: 1 << 19) + String(repeating: "é", count: 1 << 18))
    #expect(ids == [0] + Array(repeating: 2, count: 1 << 16) + [0])
    #expect(tokenizer.encode(String(repeating: " ", count: 1 << 18)).count == 1)
  }
}
