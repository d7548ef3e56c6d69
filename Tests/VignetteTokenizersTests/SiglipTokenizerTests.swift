import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// SigLIP's tokenizer, which makes letters small and leaves punctuation out, as Transformers' `SiglipTokenizer` does.
@Suite struct SiglipTokenizerTests {
  struct Row: Decodable {
    let text: String
    let ids: [Int]
    let decoded: String
  }

  private static let folder = Fixture.url("image_text/siglip")

  @Test func idsEqualTransformers() throws {
    let rows = try Fixture.json([Row].self, "image_text/siglip_tokenizer.json")
    #expect(rows.count > 500)
    let tokenizer = try AutoTokenizer.load(from: Self.folder)
    let folder = try TemporaryFolder()
    try tokenizer.save(to: folder.url)
    let again = try AutoTokenizer.load(from: folder.url)
    for row in rows {
      #expect(tokenizer.encode(row.text) == row.ids, "\(row.text.debugDescription)")
      #expect(again.encode(row.text) == row.ids, "\(row.text.debugDescription)")
    }
    #expect(tokenizer.eosTokenID == tokenizer.padTokenID && tokenizer.encode("") == [1])
  }

  /// A tokenizer.json beside it isn't looked at, as Transformers has no fast tokenizer of this class.
  @Test func theModelFileComesFirst() throws {
    let folder = try TemporaryFolder()
    for name in ["spiece.model", "tokenizer_config.json"] {
      try folder.write(Data(contentsOf: Self.folder.appendingPathComponent(name)), to: name)
    }
    try folder.write(Data("{}".utf8), to: "tokenizer.json")
    let text = "A red tent, \"big\"!"
    #expect(
      try AutoTokenizer.load(from: folder.url).encode(text)
        == AutoTokenizer.load(from: Self.folder).encode(text))
  }
}
