import VignetteCheckpoints
import Foundation
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport
import Testing

/// Whole models generating, against Transformers' token ids and scores.
@Suite struct GenerationParityTests {
  struct Case: Decodable {
    let name: String
    /// What captions begin with behind the start token.
    let prompt: [Int]?
    let sequences: [[Int]]
    let sequencesScores: [Float]?
  }

  @Test(arguments: ParityTests.names)
  func equalsTransformers(name: String) throws {
    let reference = try ReferenceModel(name)
    let model = try reference.load()
    let image = try model.encode(reference.tensor("pixel_values"))
    try Self.expectGenerations(of: reference, model, image)
  }

  @Test(arguments: DecoderParityTests.pairs)
  func decodersEqualTransformers(name: String) throws {
    let decoder = try ReferenceDecoder(name)
    try Self.expectGenerations(of: decoder.reference, decoder.model, decoder.image())
  }

  static func expectGenerations(
    of reference: ReferenceModel, _ model: any CaptionModel, _ image: ImageFeatures
  ) throws {
    func file(_ name: String) -> URL { reference.folder.appendingPathComponent(name) }
    let defaults = try model.generationDefaults(
      try? JSONField(contentsOf: file("generation_config.json")))
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let cases = try decoder.decode([Case].self, from: Data(contentsOf: file("generation.json")))
    let options = try JSONField(contentsOf: file("generation.json")).elements()
    #expect(cases.count > 5)
    for (number, expected) in cases.enumerated() {
      // The options stand there as generation_config.json spells them.
      let own = try GenerationOptions.checkpoint(
        generationConfig: options[number]["options"], config: nil)
      var decoding = model.decoding(of: image)
      let start = try #require(defaults.decoderStartTokenID ?? defaults.bosTokenID)
      let prompts = expected.prompt.map { [[Int]](repeating: [start] + $0, count: image.imageCount) }
      let outputs = try decoding.generate(own.filled(from: defaults), prompts: prompts).flatMap { $0 }
      #expect(outputs.count == expected.sequences.count, "\(expected.name)")
      for (row, output) in outputs.enumerated() {
        let sequence = expected.sequences[row]
        #expect(
          output.tokenIDs == Array(sequence.prefix(output.tokenIDs.count)), "\(expected.name), row \(row)")
        // What Transformers has beyond is padding of one kind.
        #expect(Set(sequence.dropFirst(output.tokenIDs.count)).count <= 1, "\(expected.name), row \(row)")
        if let scores = expected.sequencesScores, let score = output.score {
          #expect(abs(score - scores[row]) < 1e-4, "\(expected.name), row \(row)")
        }
      }
    }
  }
}
