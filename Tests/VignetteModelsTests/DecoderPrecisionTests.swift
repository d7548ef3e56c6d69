import VignetteCheckpoints
import VignetteModels
import VignetteTensors
import Testing

/// Decoders whose products are computed in bfloat16.
@Suite(.enabled(if: Precision.supportsBFloat16)) struct DecoderPrecisionTests {
  static let names = ["deit-bert", "beit-roberta", "vit-trocr", "vit-mbart", "vit-electra"]

  @Test(arguments: names)
  func logitsAndGradientsStayClose(name: String) throws {
    let decoder = try ReferenceDecoder(name)
    let reference = decoder.reference
    let model = decoder.model
    model.precision = .bfloat16
    for parameter in model.parameters { parameter.setTrainable(true) }
    let tape = Tape()
    let tokens = try reference.rows("decoder_input_ids")
    let logits = model.logits(
      tokens: tokens, features: try decoder.image(on: tape), captionsPerImage: nil, on: tape)
    #expect(logits.dtype == .float32)
    expectClose(logits.floats, try reference.tensor("logits").floats, 5e-2)
    tape.backward(from: crossEntropy(logits, labels: try reference.rows("labels").flatMap { $0 }))
    let gradients = reference.gradients
    let largest = gradients.values.flatMap { $0.floats() }.map(abs).max() ?? 0
    for parameter in model.parameters where !parameter.name.hasPrefix("encoder.") {
      let expected = try #require(gradients[parameter.name]).floats()
      let found = try #require(parameter.gradient, "\(parameter.name) got no gradient").floats
      let difference = zip(found, expected).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 5e-2 * largest, "\(parameter.name): \(difference) of \(largest)")
    }
  }

  @Test(arguments: names)
  func cachedDecodingStaysClose(name: String) throws {
    let decoder = try ReferenceDecoder(name)
    let model = decoder.model
    model.precision = .bfloat16
    let tokens = try decoder.reference.rows("decoder_input_ids")
    let image = try decoder.image()
    var decoding = model.decoding(of: image)
    let expected = try decoder.reference.tensor("logits").floats
    let size = model.vocabularySize
    for position in 0..<4 {
      let newest = tokens.map { Int($0[position]) }
      let next =
        try position == 0 ? decoding.begin(newest.map { [$0] }) : decoding.step(newest, parents: [0, 1, 2])
      for row in 0..<3 {
        let start = (row * tokens[row].count + position) * size
        expectClose(Array(next[row * size..<(row + 1) * size]), Array(expected[start..<start + size]), 1e-1)
      }
    }
  }
}
