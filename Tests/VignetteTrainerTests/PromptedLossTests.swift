import Foundation
import Testing
import Vignette
import VignetteCheckpoints
import VignetteEvaluation
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// A text before each caption, which the model is given and doesn't learn.
@Suite struct PromptedLossTests {
  static let names = ["blip/blip", "git/git"]
  static let prompt = "a red tent"

  @Test(arguments: names)
  func equalsTransformers(name: String) throws {
    let folder = Fixture.url(name)
    let parts = try CaptionerParts(at: folder)
    let tokens = try CaptionTokenizer(parts.tokenizer, parts.model, prompt: Self.prompt)
    let file = try SafetensorsFile(at: folder.appendingPathComponent("expected.safetensors"))
    let stored = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    func tensor(_ name: String) throws -> Tensor {
      let found = try #require(stored[name])
      return Tensor(found.floats(), shape: found.shape)
    }
    let labels = try tensor("labels")
    let width = labels.shape[1]
    let captions = (0..<labels.shape[0]).map { row in
      labels.floats[row * width..<(row + 1) * width].filter { $0 >= 0 }.dropLast().map { Int($0) }
    }
    let batch = CaptionBatch(
      images: BatchImages(pixelValues: try tensor("pixel_values")),
      labels: CaptionLabels(
        captions, endTokenID: tokens.endTokenID, padTokenID: tokens.padTokenID,
        options: LabelOptions()))
    for (prompt, name) in [([], "loss"), (tokens.prompt, "prompted_loss")] {
      let forcing = TeacherForcing(
        parts.model, startTokenID: tokens.startTokenID, padTokenID: tokens.padTokenID, prompt: prompt)
      let features = try ModelEncoder(parts.model).encode(batch.images, on: nil)
      let loss = try forcing.loss(
        of: batch, features: features, divisor: Float(batch.labels.count), on: nil)
      expectClose([loss.scalar], [try tensor(name).scalar], 1e-5)
    }
  }

  @Test(arguments: names)
  func promptsLeaveRoom(name: String) throws {
    let parts = try CaptionerParts(at: Fixture.url(name))
    #expect(
      try CaptionTokenizer(parts.tokenizer, parts.model, prompt: Self.prompt).maximumLength == 40 - 3)
    let long = [String](repeating: "tent", count: 39).joined(separator: " ")
    #expect(throws: SettingError.self) {
      try CaptionTokenizer(parts.tokenizer, parts.model, prompt: long)
    }
  }
}
