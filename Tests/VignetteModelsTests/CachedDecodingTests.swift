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
    try expectCachedEqualsUncached(decoder.model, image: ImageFeatures(image))
  }

  @Test(arguments: BLIPTests.names)
  func cachedEqualsUncachedBLIP(name: String) throws {
    let reference = try ReferenceModel(name, in: "blip")
    let model = try BLIP(reference)
    try expectCachedEqualsUncached(model, image: model.encode(reference.tensor("pixel_values")))
  }

  @Test(arguments: GITTests.names)
  func cachedEqualsUncachedGIT(name: String) throws {
    let reference = try ReferenceModel(name, in: "git")
    let model = try GIT(reference)
    try expectCachedEqualsUncached(model, image: model.encode(reference.tensor("pixel_values")))
  }

  /// Prompts of one token, of several, and of different lengths.
  private static let prompts = [
    [[3], [3], [3]], [[3, 5, 0, 7], [3, 9, 5, 6], [0, 0, 2, 4]], [[3], [3, 9, 4, 9, 5], [2, 0, 6]],
  ]

  private func expectCachedEqualsUncached(_ model: any CaptionModel, image: ImageFeatures) throws {
    for prompts in Self.prompts { try expectCachedEqualsUncached(model, image, prompts) }
  }

  private func expectCachedEqualsUncached(
    _ model: any CaptionModel, _ features: ImageFeatures, _ prompts: [[Int]]
  ) throws {
    var decoding = model.decoding(of: features)
    let image = features.states
    // Rows branch, swap, die and move; each keeps its own history.
    let steps: [(parents: [Int], tokens: [Int])] = [
      ([0, 1, 2], []), ([0, 0, 1, 1, 2], [5, 6, 7, 8, 9]), ([1, 0, 3, 3, 4], [10, 11, 12, 13, 14]),
      ([4, 0], [15, 16]), ([1, 1, 0, 0], [17, 18, 19, 20]), ([3, 2, 1, 0], [21, 22, 23, 24]),
    ]
    var histories: [(image: Int, tokens: [Int32])] = []
    for (number, step) in steps.enumerated() {
      let next: [Float]
      if number == 0 {
        histories = prompts.enumerated().map { ($0, $1.map { Int32($0) }) }
        next = try decoding.begin(prompts)
      } else {
        histories = zip(step.parents, step.tokens).map { parent, token in
          (histories[parent].image, histories[parent].tokens + [Int32(token)])
        }
        next = try decoding.step(step.tokens, parents: step.parents)
      }
      for (row, history) in histories.enumerated() {
        let own = Tensor(
          Array(image.floats[history.image * image.count / 3..<(history.image + 1) * image.count / 3]),
          shape: [1] + image.shape.dropFirst())
        let whole = model.logits(tokens: [history.tokens], features: ImageFeatures(own)).floats
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
    var decoding = model.decoding(of: image)
    var last = try decoding.begin([[Int]](repeating: Array(tokens[..<1]), count: 3))
    for token in tokens.dropFirst() { last = try decoding.step([token, token, token], parents: [0, 1, 2]) }
    let whole = model.logits(
      tokens: [[Int32]](repeating: tokens.map { Int32($0) }, count: 3), features: image
    )
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
    try expectShared(reference, reference.load(), vocabularySize: 40)
  }

  @Test func captionsShareAnImageBeforeThem() throws {
    let reference = try ReferenceModel("git-options", in: "git")
    try expectShared(reference, GIT(reference), vocabularySize: 28)
  }

  private func expectShared(
    _ reference: ReferenceModel, _ model: any CaptionModel, vocabularySize: Int
  ) throws {
    let pixels = try reference.tensor("pixel_values")
    let captions: [[Int32]] = (0..<6).map { n in (0..<4).map { Int32((n * 5 + $0 * 3) % vocabularySize) } }
    let counts = [3, 1, 2]
    func run(_ pixels: Tensor, _ counts: [Int]?) throws -> (Float, [String: [Float]]) {
      for parameter in model.parameters {
        parameter.setTrainable(false)
        parameter.setTrainable(true)
      }
      let tape = Tape()
      let image = try model.encode(tape.watch(pixels))
      let loss = crossEntropy(
        model.logits(tokens: captions, features: image, captionsPerImage: counts, on: nil),
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

extension DecodingModel {
  /// The logits after the prompts [I, V].
  mutating func begin(_ prompts: [[Int]]) throws -> [Float] {
    var logits = [Float](repeating: 0, count: prompts.count * vocabularySize)
    try logits.withUnsafeMutableBufferPointer { try begin(prompts: prompts, logits: $0) }
    return logits
  }

  /// The logits after one more token of each row [R, V].
  mutating func step(_ tokens: [Int], parents: [Int]) throws -> [Float] {
    var logits = [Float](repeating: 0, count: tokens.count * vocabularySize)
    try logits.withUnsafeMutableBufferPointer { try step(tokens: tokens, parents: parents, logits: $0) }
    return logits
  }
}
