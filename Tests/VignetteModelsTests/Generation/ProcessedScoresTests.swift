import Testing
import VignetteFiles
import VignetteModels
import VignetteTestSupport

/// What all processors and warpers that options ask for make of scores, which shows their order, against Transformers.
@Suite struct ProcessedScoresTests {
  struct Case: Decodable {
    let options: String
    let prefix: [Int]
    let logits: [Float]
    /// nil stands for -infinity.
    let scores: [Float?]
  }

  @Test func equalTransformers() throws {
    let cases = try Fixture.json([Case].self, "generation_options/processed.json")
    #expect(cases.count == 60)
    for example in cases {
      let options = try GenerationOptions.checkpoint(
        generationConfig: JSONField(text: example.options.utf8, file: "options"), config: nil
      ).filled(from: GenerateTests.special)
      let plan = try GenerationPlan(options, vocabularySize: 48, maximumLength: 64)
      var scores = example.logits
      for processor in plan.processors(custom: []) {
        scores.withUnsafeMutableBufferPointer { processor.process($0, prefix: example.prefix) }
      }
      for (own, expected) in zip(scores, example.scores) {
        let expected = expected ?? -.infinity
        #expect(own == expected || abs(own - expected) <= 2e-6 * max(1, abs(expected)), "\(example.options)")
      }
    }
  }
}
