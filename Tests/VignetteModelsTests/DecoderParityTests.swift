import VignetteCheckpoints
import VignetteModels
import VignetteTensors
import Testing

/// Decoders against Transformers', whose encoder's output they are given.
@Suite struct DecoderParityTests {
  static let pairs = [
    "deit-bert", "beit-bert", "swin-bert", "deit-roberta", "beit-roberta", "swin-roberta", "beit-gpt2",
    "swin-gpt2",
    "vit-trocr", "vit-trocr-sinusoidal", "deit-trocr", "vit-bart", "vit-bart-options", "vit-mbart",
    "vit-mbart-options", "vit-electra", "vit-electra-options", "vit-xlm-roberta", "vit-camembert",
    "vit-bert-generation", "vit-bert-generation-options",
  ]
  static let masked = ["distilbert", "distilbert-options"]

  @Test(arguments: pairs)
  func logitsLossAndGradients(name: String) throws {
    let decoder = try ReferenceDecoder(name)
    let reference = decoder.reference
    let model = decoder.model
    for parameter in model.parameters { parameter.setTrainable(true) }
    let tape = Tape()
    let logits = model.logits(
      tokens: try reference.rows("decoder_input_ids"), features: try decoder.image(on: tape),
      captionsPerImage: nil, on: tape)
    expectClose(logits.floats, try reference.tensor("logits").floats, 1e-5)
    let loss = crossEntropy(logits, labels: try reference.rows("labels").flatMap { $0 })
    expectClose([loss.scalar], [try reference.tensor("loss").scalar], 1e-5)
    tape.backward(from: loss)
    let gradients = reference.gradients.filter { !$0.key.hasPrefix("encoder.") }
    try expectEqualGradients(model.parameters, gradients.mapValues { $0.floats() })
    let names = model.parameters.map(\.name).filter { !$0.hasPrefix("encoder.") }
    #expect(Set(names) == Set(gradients.keys))
  }

  /// With attention to the image that puts out zero, the decoder is Transformers' DistilBERT under a causal mask.
  @Test(arguments: masked)
  func distilBERTWithoutImageIsTheMaskedModel(name: String) throws {
    let decoder = try ReferenceDecoder(name)
    let reference = decoder.reference
    let model = decoder.model
    for parameter in model.parameters {
      parameter.setTrainable(true)
      if parameter.name.contains("crossattention.out_lin") { parameter.update { $0.update(repeating: 0) } }
    }
    let tape = Tape()
    let image = Tensor((0..<3 * 5 * 12).map { Float($0 % 7) - 3 }, shape: [3, 5, 12])
    let logits = model.logits(
      tokens: try reference.rows("input_ids"), features: ImageFeatures(image), captionsPerImage: nil, on: tape
    )
    expectClose(logits.floats, try reference.tensor("logits").floats, 1e-5)
    let loss = crossEntropy(logits, labels: try reference.rows("labels").flatMap { $0 })
    expectClose([loss.scalar], [try reference.tensor("loss").scalar], 1e-5)
    tape.backward(from: loss)
    let gradients = reference.gradients
    try expectEqualGradients(
      model.parameters,
      Dictionary(uniqueKeysWithValues: gradients.map { ("decoder.\($0.key)", $0.value.floats()) }))
    let names = model.parameters.map(\.name).filter {
      $0.hasPrefix("decoder.") && !$0.contains("crossattention") && !$0.contains("ca_layer_norm")
    }
    #expect(Set(names) == Set(gradients.keys.map { "decoder.\($0)" }))
  }

  private func expectEqualGradients(_ parameters: [Parameter], _ expected: [String: [Float]]) throws {
    let largest = expected.values.flatMap { $0 }.map(abs).max() ?? 0
    for parameter in parameters {
      guard let gradient = expected[parameter.name] else { continue }
      let found = try #require(parameter.gradient, "\(parameter.name) got no gradient").floats
      // Gradients that are zero in exact arithmetic (a key's bias) are rounding errors on both sides.
      let scale = max(gradient.map(abs).max() ?? 0, 1e-3 * largest)
      let difference = zip(found, gradient).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-4 * scale, "\(parameter.name): \(difference) of \(scale)")
    }
  }
}
