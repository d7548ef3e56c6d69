import VignetteMetrics
import VignetteTestSupport
import Testing

@Suite("ROUGE")
struct RougeTests {
  struct Case: Decodable {
    let useStemmer: Bool
    let splitSentences: Bool
    let scores: [String: ScoreFixture]
  }

  @Test("equals rouge_score, with and without stemmer and sentence splitting")
  func scores() throws {
    let captions = try Fixture.json([CaptionFixture].self, "metrics/captions.json")
    for expected in try Fixture.json([Case].self, "metrics/rouge_scores.json") {
      var rouge = RougeMetric(
        options: .init(useStemmer: expected.useStemmer, splitSentences: expected.splitSentences))
      for caption in captions {
        try rouge.add(prediction: caption.prediction, references: caption.references)
      }
      expectEqual(try rouge.scores(), expected.scores)
    }
  }

  @Test("stems words as NLTK's Porter stemmer")
  func stems() throws {
    let lines = String(decoding: try Fixture.data("metrics/stems.txt"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count > 3000)
    for line in lines {
      let pair = line.split(separator: " ")
      #expect(PorterStemmer.stem(String(pair[0])) == pair[1])
    }
  }

  @Test("keeps letters and digits, in lower case")
  func tokens() {
    let text = "The Cat's 2nd na\u{EF}ve \u{212A}ite\u{2014}\u{130}t, running_free"
    #expect(
      RougeTokenizer().tokens(in: text) == [
        "the", "cat", "s", "2nd", "na", "ve", "kite", "i", "t", "running", "free",
      ])
    #expect(RougeTokenizer(useStemmer: true).tokens(in: "Skies running was") == ["sky", "run", "was"])
  }

  @Test("refuses a caption without references, and no captions")
  func refusals() throws {
    var rouge = RougeMetric()
    #expect(throws: MetricsError.noCaptions) { try rouge.scores() }
    #expect(throws: MetricsError.noReferences(image: nil)) { try rouge.add(prediction: "a", references: []) }
  }
}
