import VignetteImages
package import VignetteModels
import VignetteTensors
package import VignetteTokenizers

/// A model where it computes: nobody else touches it.
@ComputeThread
final class ModelHost {
  private nonisolated(unsafe) let model: any CaptionModel
  private let imageProcessor: ImageProcessor
  private let tokenizer: any Tokenizer
  private let tokenText: TokenText
  private let options: CaptionerOptions
  private let precision: Precision

  /// Images of one size, as the processor left them, and what to do with them.
  struct Work: Sendable {
    let images: [RGBImage]
    /// Filled from the checkpoint's.
    let generation: GenerationOptions
    /// Whether no other request is expected soon, so that the encoder's memory can be given back before the decoder
    /// takes its own.
    var isLast = false
    /// Where the tokens of the first image's first caption go as they come.
    var sink: TokenSink?

    /// Whether the images of both can be encoded in one batch.
    func sharesSize(with other: Work) -> Bool {
      images[0].width == other.images[0].width && images[0].height == other.images[0].height
    }
  }

  /// Takes a model over; from now on it is used on the compute thread alone.
  nonisolated init(_ parts: CaptionerParts, options: CaptionerOptions, precision: Precision) {
    model = parts.model
    imageProcessor = parts.imageProcessor
    tokenizer = parts.tokenizer
    tokenText = TokenText(parts.tokenizer)
    self.options = options
    self.precision = precision
  }

  /// What `generation` comes to with this model, nothing left open.
  ///
  /// - Throws: `GenerationError` where the options contradict themselves or the model.
  func resolved(_ generation: GenerationOptions) throws -> GenerationOptions {
    try generation.resolved(for: model, prompt: generation.promptTokenIDs(tokenizer))
  }

  /// For each request the captions of its images, or what is wrong with its options. All images are encoded in one
  /// batch; requests that ask for the same are decoded in one batch.
  ///
  /// - Throws: what is wrong with the model or the images' size; `CancellationError`.
  func outputs(_ batch: [Work], isLast: Bool) throws -> [Result<[[GenerationOutput]], any Error>] {
    try Task.checkCancellation()
    let former = model.precision
    if former != precision { model.precision = precision }
    defer { if former != precision { model.precision = former } }
    let count = batch.reduce(0) { $0 + $1.images.count }
    return try MemoryFault.thrown(
      by: "captioning \(count) images", lowering: ["batch_size", "num_beams"]
    ) { try computed(batch, isLast: isLast) }
  }

  private func computed(
    _ batch: [Work], isLast: Bool
  ) throws -> [Result<[[GenerationOutput]], any Error>] {
    let groups = Self.groups(batch)
    let features = try model.encode(
      pixelValues(of: groups.joined().flatMap { batch[$0].images }),
      interpolatePositions: options.interpolatesPositions)
    if isLast, batch.contains(where: \.isLast) { model.releaseEncoder() }
    var results = batch.map { _ in Result<[[GenerationOutput]], any Error>.success([]) }
    var first = 0
    for group in groups {
      let count = group.reduce(0) { $0 + batch[$1].images.count }
      let outputs = try decoded(group.map { batch[$0] }, features.images(first..<first + count))
      for (index, output) in zip(group, outputs) { results[index] = output }
      first += count
    }
    return results
  }

  /// The positions of requests that ask for the same; in the order of their first ones.
  private static func groups(_ batch: [Work]) -> [[Int]] {
    var groups: [[Int]] = []
    for index in batch.indices {
      if let group = groups.firstIndex(where: { batch[$0[0]].generation == batch[index].generation }) {
        groups[group].append(index)
      } else {
        groups.append([index])
      }
    }
    return groups
  }

  /// The captions of requests that ask for the same.
  ///
  /// - Throws: `CancellationError`.
  private func decoded(
    _ group: [Work], _ features: ImageFeatures
  ) throws -> [Result<[[GenerationOutput]], any Error>] {
    do {
      return try decodedTogether(group, features).map { .success($0) }
    } catch let error as CancellationError {
      throw error
    } catch  where group.count > 1 {
      // What is wrong with one is no other's trouble.
      var first = 0
      return try group.flatMap { work in
        defer { first += work.images.count }
        return try decoded([work], features.images(first..<first + work.images.count))
      }
    } catch {
      return [.failure(error)]
    }
  }

  private func decodedTogether(_ group: [Work], _ features: ImageFeatures) throws -> [[[GenerationOutput]]] {
    var decoding = model.decoding(of: features)
    let (generation, images) = (group[0].generation, group.flatMap(\.images))
    let prompt = generation.promptTokenIDs(tokenizer)
    try model.requireMemory(forCaptionsOf: images.count, generation, prompt: prompt)
    var outputs = try decoding.generate(
      generation, prompts: prompt.map { Array(repeating: $0, count: features.imageCount) },
      tokenText: tokenText, onToken: Self.receiver(group))
    if generation.outputAttentions == true {
      try Task.checkCancellation()
      outputs = try model.withAttention(
        outputs, features: features, imageSize: (images[0].height, images[0].width))
    }
    var rest = outputs[...]
    return group.map { work in
      defer { rest = rest.dropFirst(work.images.count) }
      return Array(rest.prefix(work.images.count))
    }
  }

  private static func receiver(_ batch: [Work]) -> ((GeneratedToken) -> Void)? {
    guard batch.contains(where: { $0.sink != nil }) else { return nil }
    var sinks: [Int: TokenSink] = [:]
    var count = 0
    for work in batch {
      sinks[count] = work.sink
      work.sink?.begin()
      count += work.images.count
    }
    return { token in if token.sequence == 0 { sinks[token.image]?.add(token) } }
  }

  /// Normalised pixel values [B, 3, height, width] of images of one size.
  ///
  /// - Throws: `TensorMemoryError`.
  private func pixelValues(of images: [RGBImage]) throws -> Tensor {
    let size = 3 * images[0].height * images[0].width
    let shape = [images.count, 3, images[0].height, images[0].width]
    try MemoryCheck.pass(shape, "the pixel values of \(images.count) images", lowering: ["batch_size"])
    return Tensor(shape: shape) { values in
      for (number, image) in images.enumerated() {
        let part = values[number * size..<(number + 1) * size]
        imageProcessor.normalize(image, into: UnsafeMutableBufferPointer(rebasing: part))
      }
    }
  }
}

extension TokenText {
  /// What the tokens of a tokenizer stand for.
  package init(_ tokenizer: any Tokenizer) {
    self.init(idBound: tokenizer.idBound) { tokenizer.textBytes(of: $0) }
  }
}

extension GenerationOptions {
  /// The tokens that captions begin with: the start token and those of the prompt; nil where there is no prompt, or
  /// nothing to start with.
  package func promptTokenIDs(_ tokenizer: any Tokenizer) -> [Int]? {
    guard let prompt, let start = decoderStartTokenID ?? bosTokenID else { return nil }
    return [start] + tokenizer.encode(prompt, addSpecialTokens: false)
  }
}
