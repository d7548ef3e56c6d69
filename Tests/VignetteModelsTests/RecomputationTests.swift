import VignetteModels
import VignetteTensors
import Testing

/// Gradient checkpointing changes what is kept, not what is computed.
@Suite struct RecomputationTests {
  static let models =
    ["vit-gpt2", "vit-gpt2-projection"].map { ($0, "models") }
    + ArchitectureParityTests.pairs.map { ($0, "architectures") }
    + [("blip-options", "blip"), ("git-options", "git")]

  @Test(arguments: models)
  func gradientsAreTheSame(name: String, part: String) throws {
    let kept = try Self.gradients(name, part, recomputes: false)
    let recomputed = try Self.gradients(name, part, recomputes: true)
    #expect(kept.loss == recomputed.loss)
    #expect(try kept.loss != ReferenceModel(name, in: part).tensor("loss").scalar, "nothing was dropped")
    let largest = kept.gradients.values.flatMap { $0 }.map(abs).max() ?? 0
    for (name, gradient) in kept.gradients {
      let scale = max(gradient.map(abs).max() ?? 0, 1e-3 * largest)
      let other = try #require(recomputed.gradients[name], "\(name) got no gradient")
      // The image's gradient is summed layer by layer, so rounding may differ.
      let difference = zip(gradient, other).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-5 * scale, "\(name): \(difference) of \(scale)")
    }
  }

  /// Only the decoder is trained: layers of the encoder have nothing to go back for.
  @Test func frozenLayersAreNotRecomputed() throws {
    let model = try ReferenceModel("vit-gpt2").load()
    for parameter in model.parameters where parameter.name.hasPrefix("decoder.") {
      parameter.setTrainable(true)
    }
    let reference = try ReferenceModel("vit-gpt2")
    let tape = Tape(recomputes: true)
    let image = try model.encode(tape.watch(reference.tensor("pixel_values")))
    let logits = model.logits(tokens: try reference.rows("decoder_input_ids"), features: image)
    tape.backward(from: crossEntropy(logits, labels: try reference.rows("labels").flatMap { $0 }))
    for parameter in model.parameters {
      #expect((parameter.gradient != nil) == parameter.isTrainable, "\(parameter.name)")
    }
  }

  /// Loss and gradients with dropout, whose masks must be drawn again the same.
  private static func gradients(
    _ name: String, _ part: String, recomputes: Bool
  ) throws -> (loss: Float, gradients: [String: [Float]]) {
    let reference = try ReferenceModel(name, in: part)
    let model = try reference.load(dropout: 0.25)
    for parameter in model.parameters { parameter.setTrainable(true) }
    let tape = Tape(dropoutSeed: 7, recomputes: recomputes)
    let image = try model.encode(tape.watch(reference.tensor("pixel_values")))
    let logits = model.logits(tokens: try reference.rows("decoder_input_ids"), features: image)
    let loss = crossEntropy(logits, labels: try reference.rows("labels").flatMap { $0 })
    tape.backward(from: loss)
    let gradients = model.parameters.compactMap { parameter in
      parameter.gradient.map { (parameter.name, $0.floats) }
    }
    return (loss.scalar, Dictionary(uniqueKeysWithValues: gradients))
  }
}
