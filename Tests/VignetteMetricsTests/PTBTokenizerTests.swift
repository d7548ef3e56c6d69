import VignetteMetrics
import VignetteTestSupport
import Testing

@Suite("Penn Treebank tokens")
struct PTBTokenizerTests {
  struct Cases: Decodable {
    let lines: [String]
    let tokens: [String]
  }

  @Test("equal pycocoevalcap's, from Stanford CoreNLP 3.4.1, on awkward lines")
  func awkwardLines() throws {
    let cases = try Fixture.json(Cases.self, "metrics/ptb.json")
    #expect(cases.lines.count > 500)
    for (index, tokens) in PTBTokenizer.tokenize(cases.lines).enumerated() {
      #expect(
        Array(tokens.unicodeScalars) == Array(cases.tokens[index].unicodeScalars), "\(cases.lines[index])")
    }
  }

  @Test("a caption's last initial depends on the next caption only in a list")
  func neighbours() {
    let captions = ["a sign that reads K.", "A man waits"]
    #expect(PTBTokenizer.tokenize(captions) == ["a sign that reads k", "a man waits"])
    #expect(PTBTokenizer.tokenize(captions[0]) == "a sign that reads k.")
  }

  @Test("newlines in a caption count as spaces")
  func newlines() {
    #expect(PTBTokenizer.tokenize("a cat\non a mat.\n\n") == "a cat on a mat")
  }

  @Test("long and hostile captions take no more than linear time")
  func hostile() {
    for piece in ["a", "-", "a-", "'", "(", "1.", "<a ", "a.", "@", "a@", "\u{1F600}", "5 ", "n't", "&amp;"] {
      _ = PTBTokenizer.tokenize(String(repeating: piece, count: 20_000))
    }
  }
}
