import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors

/// The part of DistilBERT that Transformers doesn't have.
@Suite struct DistilBERTCrossAttentionTests {
  /// Gradients of the attention to the image, and of the image, against central differences.
  @Test(arguments: DecoderParityTests.masked, [nil, [2, 1]])
  func gradientsEqualFiniteDifferences(name: String, captionsPerImage: [Int]?) throws {
    // Weights of the attention to the image as large as the fixture's others, and a function without corners.
    let decoder = try ReferenceDecoder(
      name, overriding: ["initializer_range": 0.2, "activation": "gelu"])
    let model = decoder.model
    for parameter in model.parameters { parameter.setTrainable(true) }
    let tokens = try decoder.reference.rows("input_ids")
    let labels = try decoder.reference.rows("labels").flatMap { $0 }
    let images = captionsPerImage?.count ?? 3
    let pixels = Tensor((0..<images * 4 * 12).map { Float($0 * 37 % 23) / 11 - 1 }, shape: [images, 4, 12])
    func loss(_ image: Tensor, on tape: Tape? = nil) -> Tensor {
      let logits = model.logits(
        tokens: tokens, features: ImageFeatures(image), captionsPerImage: captionsPerImage, on: tape)
      return crossEntropy(logits, labels: labels)
    }
    let tape = Tape()
    let image = tape.watch(pixels, needsGradient: true)
    tape.backward(from: loss(image, on: tape))

    let step: Float = 2e-2
    func check(_ gradient: [Float], _ label: String, _ perturbed: (Int, Float) -> Float) {
      let largest = gradient.map(abs).max() ?? 0
      for i in stride(from: 0, to: gradient.count, by: max(1, gradient.count / 16)) {
        let numeric = (perturbed(i, step) - perturbed(i, -step)) / (2 * step)
        #expect(
          abs(numeric - gradient[i]) <= 2e-2 * largest + 5e-5,
          "\(label)[\(i)]: \(gradient[i]), numerically \(numeric)")
      }
    }
    let cross = model.parameters.filter {
      $0.name.contains("crossattention") || $0.name.contains("ca_layer_norm")
    }
    #expect(cross.count == (name == "distilbert" ? 20 : 10))
    for parameter in cross {
      let gradient = try #require(parameter.gradient, "\(parameter.name) got no gradient").floats
      check(gradient, parameter.name) { i, change in
        parameter.update { $0[i] += change }
        defer { parameter.update { $0[i] -= change } }
        return loss(pixels).scalar
      }
    }
    check(try #require(tape.gradient(of: image)).floats, "image") { i, change in
      var values = pixels.floats
      values[i] += change
      return loss(Tensor(values, shape: pixels.shape)).scalar
    }
  }
}
