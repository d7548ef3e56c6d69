import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// A character map rewrites short grapheme clusters as a whole, so that where clusters end decides what becomes of text.
@Suite struct GraphemeClusterTests {
  private struct Expected: Decodable {
    var seed: UInt64
    var scalars: [UInt32]
    var lines: Int
    var block: Int
    var firstIds: [[Int]]
    var ids: [String]
  }

  /// The tokens are bytes, so that ids are the rewritten text.
  @Test func textIsRewrittenAsTokenizersDoes() throws {
    let expected = try Fixture.json(Expected.self, "unigram/clusters/expected.json", fromSnakeCase: true)
    let tokenizer = try AutoTokenizer.load(from: Fixture.url("unigram/clusters"))
    var generator = AwkwardLines(seed: expected.seed)
    let lines = (0..<expected.lines).map { _ in
      var text = String.UnicodeScalarView()
      for _ in 0..<(1 + generator.below(8)) {
        text.append(
          contentsOf: Unicode.Scalar(expected.scalars[generator.below(expected.scalars.count)]).map { [$0] }
            ?? [])
      }
      return String(text)
    }
    let ids = lines.map { tokenizer.encode($0) }
    for (line, (found, wanted)) in zip(lines, zip(ids, expected.firstIds)) {
      #expect(found == wanted, "\(line.unicodeScalars.map { String($0.value, radix: 16) })")
    }
    #expect(Digest.blocks(ids.map(Digest.bytes), of: expected.block) == expected.ids)
  }
}
