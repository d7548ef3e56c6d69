import VignetteMetrics
import VignetteTestSupport
import Testing

@Suite("Punkt sentences")
struct PunktTests {
  struct Case: Decodable {
    let text: String
    let sentences: [String]
  }

  @Test("equal NLTK's sent_tokenize")
  func sentences() throws {
    for expected in try Fixture.json([Case].self, "metrics/sentences.json") {
      #expect(PunktSentenceTokenizer.english.sentences(in: expected.text) == expected.sentences)
    }
  }
}
