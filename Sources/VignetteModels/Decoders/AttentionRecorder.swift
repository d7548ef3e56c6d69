import VignetteTensors

/// Notes what the tokens of whole captions look at, layer by layer, where somebody asks for it.
final class AttentionRecorder {
  /// S: how many states an image has.
  private let imageLength: Int
  /// [B, T, S] each.
  private(set) var layers: [Tensor] = []

  init(imageLength: Int) { self.imageLength = imageLength }

  /// Takes the probabilities [B, T, S] of one layer's attention to the image, or [B, T, S + T] to the image and to the
  /// tokens behind it. Of the latter those of the image are kept, as shares of their sum.
  func note(_ weights: () -> Tensor) {
    let weights = weights()
    let keyLength = weights.shape[2]
    guard keyLength > imageLength else { return layers.append(weights) }
    let result = Tensor(uninitialized: [weights.shape[0], weights.shape[1], imageLength])
    layers.append(result)
    result.assign(weights.slice(0..<imageLength, axis: 2))
    result.normalizeRows()
  }
}

extension TextDecoder {
  /// ``CaptionModel/imageAttention(tokens:promptLengths:features:captionsPerImage:)`` of a family whose text part this is.
  func imageAttention(
    tokens: [[Int]], promptLengths: [Int], features: ImageFeatures, captionsPerImage: [Int]
  ) -> [Tensor] {
    let image = features.states.detached
    let length = tokens.map(\.count).max() ?? 0
    precondition(tokens.allSatisfy { !$0.isEmpty }, "a caption has a token at least")
    // What fills up a row stands behind its end, where nothing of it is seen.
    let filled = tokens.flatMap { $0.map { Int32($0) } + [Int32](repeating: 0, count: length - $0.count) }
    let rows = zip(tokens, promptLengths).flatMap { row, promptLength in
      let indices = positions.ofGenerated(row.map { Int32($0) }, promptLength: promptLength)
      return indices + [Int32](repeating: indices[0], count: length - row.count)
    }
    let recorder = AttentionRecorder(imageLength: image.shape[1])
    _ = transform(
      embed(filled, at: rows, on: nil).reshaped(-1, length, width),
      DecoderContext(image: image, captionsPerImage: captionsPerImage, recorder: recorder))
    return recorder.layers
  }
}

extension TokenPositions {
  /// The positions that the tokens of a row had as they came: the prompt's together, the others one by one.
  fileprivate func ofGenerated(_ row: [Int32], promptLength: Int) -> [Int32] {
    let prompt = min(max(1, promptLength), row.count)
    return ofNext(Array(row[..<prompt]), after: 0)
      + row.indices.dropFirst(prompt).flatMap { ofNext([row[$0]], after: $0) }
  }
}
