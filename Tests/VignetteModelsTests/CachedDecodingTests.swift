import VignetteModels
import VignetteTensors
import Testing

/// One token at a time equals whole sequences, however rows branch.
@Suite struct CachedDecodingTests {
  @Test(arguments: ParityTests.names)
  func cachedEqualsUncached(name: String) throws {
    let reference = try ReferenceModel(name)
    let model = try reference.load()
    try expectCachedEqualsUncached(model, image: model.encode(reference.tensor("pixel_values")))
  }

  @Test(arguments: DecoderParityTests.pairs)
  func cachedEqualsUncachedDecoders(name: String) throws {
    let decoder = try ReferenceDecoder(name)
    try expectCachedEqualsUncached(decoder.model, image: decoder.image())
  }

  @Test(arguments: DecoderParityTests.masked)
  func cachedEqualsUncachedDistilBERT(name: String) throws {
    let decoder = try ReferenceDecoder(name)
    let image = Tensor((0..<3 * 5 * 12).map { Float($0 % 7) - 3 }, shape: [3, 5, 12])
    try expectCachedEqualsUncached(decoder.model, image: image)
  }

  private func expectCachedEqualsUncached(_ model: VisionEncoderDecoder, image: Tensor) throws {
    let decoding = CachedDecoding(model, image: image)
    // Rows branch, swap, die and move; each keeps its own history.
    let steps: [(parents: [Int], tokens: [Int])] = [
      ([0, 1, 2], [3, 3, 3]), ([0, 0, 1, 1, 2], [5, 6, 7, 8, 9]), ([1, 0, 3, 3, 4], [10, 11, 12, 13, 14]),
      ([4, 0], [15, 16]), ([1, 1, 0, 0], [17, 18, 19, 20]), ([3, 2, 1, 0], [21, 22, 23, 24]),
    ]
    var histories: [(image: Int, tokens: [Int32])] = []
    for (number, step) in steps.enumerated() {
      histories = zip(step.parents, step.tokens).map { parent, token in
        number == 0
          ? (parent, [Int32(token)]) : (histories[parent].image, histories[parent].tokens + [Int32(token)])
      }
      let next = decoding.step(tokens: step.tokens, parents: step.parents).floats
      for (row, history) in histories.enumerated() {
        let own = Tensor(
          Array(image.floats[history.image * image.count / 3..<(history.image + 1) * image.count / 3]),
          shape: [1] + image.shape.dropFirst())
        let whole = model.logits(tokens: [history.tokens], image: own).floats
        let size = model.vocabularySize
        expectClose(Array(next[row * size..<(row + 1) * size]), Array(whole.suffix(size)), 1e-5)
      }
    }
  }

  /// Longer than the stores are at first.
  @Test func storesGrow() throws {
    let reference = try ReferenceModel("vit-gpt2")
    let model = try reference.load()
    let image = try model.encode(reference.tensor("pixel_values"))
    let tokens = (0..<model.maximumLength).map { ($0 * 7) % model.vocabularySize }
    let decoding = CachedDecoding(model, image: image)
    var last: [Float] = []
    for token in tokens { last = decoding.step(tokens: [token, token, token], parents: [0, 1, 2]).floats }
    let whole = model.logits(tokens: [[Int32]](repeating: tokens.map { Int32($0) }, count: 3), image: image)
      .floats
    let size = model.vocabularySize
    for row in 0..<3 {
      let end = (row + 1) * tokens.count * size
      expectClose(Array(last[row * size..<(row + 1) * size]), Array(whole[end - size..<end]), 1e-5)
    }
  }

  /// Several captions of an image, encoded once, equal the same captions each with its own image.
  @Test func captionsShareAnImage() throws {
    let reference = try ReferenceModel("vit-gpt2-projection")
    let model = try reference.load()
    let pixels = try reference.tensor("pixel_values")
    let captions: [[Int32]] = (0..<6).map { n in (0..<4).map { Int32((n * 5 + $0 * 3) % 40) } }
    let counts = [3, 1, 2]
    func run(_ pixels: Tensor, _ counts: [Int]?) throws -> (Float, [String: [Float]]) {
      for parameter in model.parameters {
        parameter.setTrainable(false)
        parameter.setTrainable(true)
      }
      let tape = Tape()
      let image = try model.encode(tape.watch(pixels))
      let loss = crossEntropy(
        model.logits(tokens: captions, image: image, captionsPerImage: counts),
        labels: captions.flatMap { $0 })
      let value = loss.scalar
      tape.backward(from: loss)
      return (
        value, Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.gradient?.floats ?? []) })
      )
    }
    let size = pixels.count / 3
    let repeated = counts.enumerated().flatMap { image, count in
      (0..<count).flatMap { _ in pixels.floats[image * size..<(image + 1) * size] }
    }
    let shared = try run(pixels, counts)
    let apart = try run(Tensor(repeated, shape: [6] + pixels.shape.dropFirst()), nil)
    expectClose([shared.0], [apart.0], 1e-6)
    let largest = apart.1.values.flatMap { $0 }.map(abs).max() ?? 0
    for (name, gradient) in apart.1 {
      let difference = zip(gradient, shared.1[name] ?? []).map { abs($0 - $1) }.max() ?? 1
      #expect(difference < 1e-5 * largest, "\(name): \(difference)")
    }
  }
}
