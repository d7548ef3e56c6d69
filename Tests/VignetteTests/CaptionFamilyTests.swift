import Foundation
import Testing
import Vignette
import VignetteDatasets
import VignetteFiles
import VignetteImages
import VignetteModels
import VignetteTensors
import VignetteTestSupport
import VignetteTokenizers
import VignetteTrainer

/// A second family, of a few lines, goes where the first goes.
@ComputeThread @Suite struct CaptionFamilyTests {
  nonisolated static let families = CaptionFamily.all + [TintCaptioner.family]
  nonisolated static let captions = ["a hen"]

  @Test func trainsAndCaptions() async throws {
    let folder = try TemporaryFolder()
    let (start, output) = (
      folder.url.appendingPathComponent("start"), folder.url.appendingPathComponent("run")
    )
    try Self.newParts().save(to: start)
    let parts = try CaptionerParts(at: start, families: Self.families)
    let before = parts.model.parameters.map(\.value.floats)
    let image = Fixture.url("models/vit-gpt2/scene.png").path
    let dataset = CaptionDataset(images: [
      CaptionedImage(
        id: 0, fileName: "scene.png", path: image,
        captions: Self.captions.enumerated().map { ReferenceCaption(id: $0, text: $1) })
    ])
    var arguments = TrainingArguments()
    arguments.maxSteps = 30
    arguments.learningRate = 1e-2
    arguments.saveStrategy = .no
    arguments.freezeEncoder = true
    let trainer = try Trainer(
      parts, training: dataset, evaluation: nil, output: output, arguments: arguments)
    try await trainer.run()
    try trainer.saveModel(to: output)

    let trained = try CaptionerParts(at: output, families: Self.families)
    for (parameter, old) in zip(trained.model.parameters, before) {
      #expect((parameter.value.floats == old) == (parameter.part == .vision), "\(parameter.name)")
    }
    let caption = try await Self.caption(output, image)
    #expect(Self.captions.contains(caption), "\(caption), \(trainer.state.logHistory)")
  }

  @Test func unknownFamiliesAreNamed() throws {
    let folder = try TemporaryFolder()
    try Self.newParts().save(to: folder.url)
    let error = #expect(throws: JSONError.self) { try CaptionerParts(at: folder.url) }
    #expect("\(try #require(error))".contains("vision-encoder-decoder"))
  }

  nonisolated private static func newParts() throws -> CaptionerParts {
    let tokenizer = try ByteLevelBPETrainer(vocabSize: 270).train(on: captions)
    let end = try #require(tokenizer.eosTokenID)
    let json: JSONValue = [
      "model_type": "tint", "vocab_size": .int(tokenizer.vocabularySize), "bos_token_id": .int(end),
      "eos_token_id": .int(end), "vision_config": [:],
    ]
    var processor = ImageProcessor(kind: .vit)
    processor.size = .exactly(height: 16, width: 16)
    return CaptionerParts(
      model: try TintCaptioner(JSONField(json, file: "config.json"), weights: RandomWeights(seed: 3)),
      tokenizer: tokenizer, imageProcessor: processor,
      generation: GenerationOptions(decoderStartTokenID: end, eosTokenIDs: [end], padTokenID: end))
  }

  private static func caption(_ folder: URL, _ image: String) async throws -> String {
    try await Captioner(parts: CaptionerParts(at: folder, families: families)).caption(
      URL(fileURLWithPath: image)
    ).text
  }
}
