import VignetteCheckpoints
import VignetteModels
import VignetteTensors
import Testing

/// What holds for every reference model.
extension ReferenceModel {
  func checkLogits() throws {
    let model = try load()
    let image = try model.encode(tensor("pixel_values"))
    let logits = model.logits(tokens: try rows("decoder_input_ids"), features: image)
    expectClose(logits.floats, try tensor("logits").floats, 1e-5)
  }

  func checkLossAndGradients() throws {
    let model = try load()
    for parameter in model.parameters { parameter.setTrainable(true) }
    let tape = Tape()
    let image = try model.encode(tape.watch(tensor("pixel_values")))
    let logits = model.logits(tokens: try rows("decoder_input_ids"), features: image)
    let loss = crossEntropy(logits, labels: try rows("labels").flatMap { $0 })
    expectClose([loss.scalar], [try tensor("loss").scalar], 1e-5)
    tape.backward(from: loss)
    try checkGradients(of: model.parameters)
  }

  func checkGradients(of parameters: [Parameter]) throws {
    let gradients = gradients
    let largest = gradients.values.flatMap { $0.floats() }.map(abs).max() ?? 0
    let learning = parameters.filter { !$0.isFixed }
    for parameter in learning {
      let expected = try #require(gradients[parameter.name], "\(parameter.name) has no reference")
      let found = try #require(parameter.gradient, "\(parameter.name) got no gradient").floats
      // Gradients that are zero in exact arithmetic (a key's bias) are rounding errors on both sides.
      let scale = max(expected.floats().map(abs).max() ?? 0, 1e-3 * largest)
      let difference = zip(found, expected.floats()).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-4 * scale, "\(parameter.name): \(difference) of \(scale)")
    }
    #expect(Set(learning.map(\.name)) == Set(gradients.keys.filter { !$0.contains("pooler") }))
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
