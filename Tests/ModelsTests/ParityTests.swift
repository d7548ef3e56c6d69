import Models
import Tensors
import Testing

/// Hidden states, logits, loss and every gradient against Transformers'.
@Suite struct ParityTests {
  static let names = ["vit-gpt2", "vit-gpt2-projection", "vit-gpt2-options", "vit-gpt2-unscaled"]

  @Test(arguments: names)
  func hiddenStatesAndLogits(name: String) throws {
    let reference = try ReferenceModel(name)
    let model = try reference.load()
    let image = try model.encode(reference.tensor("pixel_values"))
    if model.configuration.json["encoder"]["hidden_size"].isPresent,
      image.shape == (try reference.tensor("encoder_hidden")).shape
    {
      expectClose(image.floats, try reference.tensor("encoder_hidden").floats, 1e-5)
    }
    let logits = model.logits(tokens: try reference.rows("decoder_input_ids"), image: image)
    expectClose(logits.floats, try reference.tensor("logits").floats, 1e-5)
  }

  @Test(arguments: names)
  func labelsAreShifted(name: String) throws {
    let reference = try ReferenceModel(name)
    let configuration = try reference.load().configuration
    let start = try #require(configuration.decoderStartTokenID)
    let pad = try #require(configuration.padTokenID)
    let shifted = try reference.rows("labels").map {
      VisionEncoderDecoder.shiftRight($0, startTokenID: start, padTokenID: pad)
    }
    #expect(shifted == (try reference.rows("decoder_input_ids")))
  }

  @Test(arguments: names)
  func lossAndGradients(name: String) throws {
    let reference = try ReferenceModel(name)
    let model = try reference.load()
    for parameter in model.parameters { parameter.setTrainable(true) }
    let tape = Tape()
    let image = try model.encode(tape.watch(reference.tensor("pixel_values")))
    let logits = model.logits(tokens: try reference.rows("decoder_input_ids"), image: image)
    let loss = crossEntropy(logits, labels: try reference.rows("labels").flatMap { $0 })
    expectClose([loss.scalar], [try reference.tensor("loss").scalar], 1e-5)
    tape.backward(from: loss)

    let gradients = reference.gradients
    let largest = gradients.values.flatMap { $0.floats() }.map(abs).max() ?? 0
    for parameter in model.parameters {
      let expected = try #require(gradients[parameter.name], "\(parameter.name) has no reference")
      let found = try #require(parameter.gradient, "\(parameter.name) got no gradient").floats
      // Gradients that are zero in exact arithmetic (a key's bias) are rounding errors on both sides.
      let scale = max(expected.floats().map(abs).max() ?? 0, 1e-4 * largest)
      let difference = zip(found, expected.floats()).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-4 * scale, "\(parameter.name): \(difference) of \(scale)")
    }
    #expect(Set(model.parameters.map(\.name)) == Set(gradients.keys.filter { !$0.contains("pooler") }))
  }

  @Test func picturesOfAnotherSize() throws {
    let reference = try ReferenceModel("vit-gpt2")
    let model = try reference.load()
    let pixels = try reference.tensor("interpolated_pixel_values")
    let image = try model.encode(pixels, interpolatePositions: true)
    expectClose(image.floats, try reference.tensor("interpolated_encoder_hidden").floats, 1e-5)
    #expect(throws: PictureSizeError.self) { try model.encode(pixels) }
  }
}

func expectClose(
  _ a: [Float], _ b: [Float], _ tolerance: Float, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.count == b.count, sourceLocation: sourceLocation)
  let largest = max(1e-6, b.map(abs).max() ?? 0)
  let difference = zip(a, b).map { abs($0 - $1) }.max() ?? 0
  #expect(
    difference <= tolerance * largest, "differs by \(difference) of \(largest)",
    sourceLocation: sourceLocation)
}
