import Foundation
import VignetteFiles
import VignetteModels
import VignetteTestSupport
import Testing

/// What Transformers' `generate` gave for the hashed captioner, under every kind of option.
@Suite struct SearchFixtureTests {
  struct Case: Decodable {
    let levels: Int
    let vocabulary: Int
    let images: [Int]
    let options: String
    let sequences: [[Int]]
    let scores: [Float]?
    let logProbabilities: [[Float]]?

    private enum CodingKeys: String, CodingKey {
      case levels, vocabulary, options, sequences, scores, logProbabilities
      case images = "pictures"
    }

    func generationOptions() throws -> GenerationOptions {
      try .checkpoint(generationConfig: JSONField(text: options.utf8, file: "options"), config: nil)
        .filled(from: GenerationOptions(decoderStartTokenID: 1, eosTokenIDs: [2], padTokenID: 0))
    }
  }

  static let cases = ["generation", "generation_options"].flatMap {
    (try? Fixture.json([Case].self, "\($0)/searches.json")) ?? []
  }

  @Test func thereAreCases() {
    #expect(Self.cases.count > 300)
  }

  @Test(arguments: cases.indices)
  func equalsTransformers(_ index: Int) throws {
    try Self.expectEqual(Self.cases[index])
  }

  static func expectEqual(_ expected: Case, tokenText: TokenText? = nil) throws {
    var model = HashedCaptioner(
      images: expected.images, levels: expected.levels, vocabularySize: expected.vocabulary)
    let outputs = try model.generate(expected.generationOptions(), tokenText: tokenText).flatMap(\.self)
    #expect(outputs.map(\.tokenIDs) == expected.sequences, "\(expected.options)")
    if let scores = expected.scores {
      for (output, score) in zip(outputs, scores) {
        let own = try #require(output.score)
        #expect(abs(own - score) <= 1e-5 * max(1, abs(score)))
      }
    } else {
      #expect(outputs.allSatisfy { $0.score == nil })
    }
    for (output, logs) in zip(outputs, expected.logProbabilities ?? []) {
      #expect(output.tokenLogProbabilities.count == logs.count)
      #expect(zip(output.tokenLogProbabilities, logs).allSatisfy { abs($0 - $1) < 1e-5 })
    }
    #expect(outputs.allSatisfy { $0.tokenLogProbabilities.count == $0.tokenIDs.count - 1 })
  }

  /// Which images stand beside it in a batch changes nothing about an image.
  @Test(arguments: cases.indices)
  func batchEqualsImagesAlone(_ index: Int) throws {
    let expected = Self.cases[index]
    guard expected.images.count > 1 else { return }
    var batch = HashedCaptioner(
      images: expected.images, levels: expected.levels, vocabularySize: expected.vocabulary)
    let together = try batch.generate(expected.generationOptions())
    let alone = try expected.images.map { image in
      var model = HashedCaptioner(
        images: [image], levels: expected.levels, vocabularySize: expected.vocabulary)
      return try model.generate(expected.generationOptions())[0]
    }
    #expect(together == alone)
  }
}
