import VignetteFiles
import VignetteModels
import VignetteTensors
import Testing

/// Hidden states, logits, loss and every gradient against Transformers'.
@Suite struct ParityTests {
  static let names = ["vit-gpt2", "vit-gpt2-projection", "vit-gpt2-options", "vit-gpt2-unscaled"]

  @Test(arguments: names)
  func hiddenStatesAndLogits(name: String) throws {
    let reference = try ReferenceModel(name)
    let model = try reference.load()
    let image = try model.encode(reference.tensor("pixel_values")).states
    if model.configuration.json["encoder"]["hidden_size"].isPresent,
      image.shape == (try reference.tensor("encoder_hidden")).shape
    {
      expectClose(image.floats, try reference.tensor("encoder_hidden").floats, 1e-5)
    }
    try reference.checkLogits()
  }

  @Test(arguments: names)
  func labelsAreShifted(name: String) throws {
    let reference = try ReferenceModel(name)
    let configuration = try reference.load().configuration
    let start = try #require(configuration.decoderStartTokenID)
    let pad = try #require(configuration.padTokenID)
    let shifted = try reference.rows("labels").map {
      shiftRight($0, startTokenID: start, padTokenID: pad)
    }
    #expect(shifted == (try reference.rows("decoder_input_ids")))
  }

  @Test(arguments: names)
  func lossAndGradients(name: String) throws { try ReferenceModel(name).checkLossAndGradients() }

  @Test func imagesOfAnotherSize() throws {
    let reference = try ReferenceModel("vit-gpt2")
    let model = try reference.load()
    let pixels = try reference.tensor("interpolated_pixel_values")
    let image = try model.encode(pixels, interpolatePositions: true).states
    expectClose(image.floats, try reference.tensor("interpolated_encoder_hidden").floats, 1e-5)
    #expect(throws: ModelError.self) { try model.encode(pixels) }
  }
}
