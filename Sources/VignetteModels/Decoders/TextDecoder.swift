import VignetteTensors

/// A language model that attends to an image: tokens and an encoding in, logits of the next tokens out.
///
/// An architecture says how tokens are embedded and what its layers do; running whole sequences, or one
/// token after another, is the same for all.
protocol TextDecoder {
  /// V: how many tokens there are.
  var vocabularySize: Int { get }
  /// How many tokens a caption may have, the start token included.
  var maximumLength: Int { get }
  /// C: the width of its hidden states.
  var width: Int { get }
  /// The width of the image's states that it attends to, by default its own.
  var imageWidth: Int { get }
  /// How many layers a cache needs.
  var layerCount: Int { get }
  /// Which rows of the position table tokens take.
  var positions: TokenPositions { get }

  /// N tokens at their positions → what the first layer takes, [N, C].
  func embed(_ tokens: [Int32], at positions: [Int32], on tape: Tape?) -> Tensor

  /// Embedded tokens, [B, T, C] or [N, C] with a cache → what the last layer gives for them.
  func transform(_ embedded: Tensor, _ context: DecoderContext) -> Tensor

  /// Hidden states [..., C] → logits [..., V], float32.
  func head(_ hidden: Tensor) -> Tensor
}

extension TextDecoder {
  var imageWidth: Int { width }
  /// ``CaptionModel/cachedNumbersPerToken`` of a family whose text part this is.
  var cachedNumbersPerToken: Int { 2 * layerCount * width }

  /// Logits [B, T, V] of whole token sequences; those of position t say what stands at t + 1.
  ///
  /// - Parameters:
  ///   - tokens: B × T ids, row by row.
  ///   - image: hidden states [I, S, C].
  ///   - captionsPerImage: how many adjacent rows belong to each image; one each if nil.
  func logits(tokens: [Int32], length: Int, image: Tensor, captionsPerImage: [Int]?, on tape: Tape?) -> Tensor
  {
    let embedded = embed(tokens, at: positions.ofRows(tokens, length: length), on: tape)
    return head(
      transform(
        embedded.reshaped(-1, length, width),
        DecoderContext(image: image, captionsPerImage: captionsPerImage)))
  }

  /// ``CaptionModel/logits(tokens:features:captionsPerImage:on:)`` of a family whose text part this is.
  func logits(
    tokens: [[Int32]], features: ImageFeatures, captionsPerImage: [Int]?, on tape: Tape?
  ) -> Tensor {
    let length = tokens.first?.count ?? 0
    precondition(tokens.allSatisfy { $0.count == length }, "rows of tokens must be equally long")
    return logits(
      tokens: tokens.flatMap { $0 }, length: length, image: features.states,
      captionsPerImage: captionsPerImage, on: tape ?? Tape.of(features.states))
  }

  /// Logits [R, V] after each row of the cache has taken its new tokens.
  ///
  /// - Parameter tokens: for each row the tokens for which the cache has just made room.
  func nextLogits(tokens: [[Int]], image: Tensor, cache: DecoderCache) -> Tensor {
    let counts = tokens.map(\.count)
    let rows = zip(tokens, cache.pastLengths(before: counts)).map { tokens, past in
      positions.ofNext(tokens.map { Int32($0) }, after: past)
    }
    let hidden = transform(
      embed(tokens.joined().map { Int32($0) }, at: rows.flatMap { $0 }, on: nil),
      DecoderContext(image: image, cache: cache))
    return head(tokens.count == hidden.shape[0] ? hidden : last(of: counts, in: hidden))
  }

  /// The last of each row's vectors [N, C], which stand behind each other → [R, C].
  private func last(of counts: [Int], in hidden: Tensor) -> Tensor {
    let result = Tensor(uninitialized: [counts.count, hidden.shape[1]], dtype: hidden.dtype)
    var end = 0
    for (row, count) in counts.enumerated() {
      end += count
      result.slice(row..<row + 1, axis: 0).assign(hidden.slice(end - 1..<end, axis: 0))
    }
    return result
  }
}

/// What a decoder's layers attend to besides their input: the image, and the tokens decoded before.
struct DecoderContext {
  /// Hidden states [I, S, C].
  private(set) var image: Tensor
  /// How many adjacent rows belong to each image; one each if nil.
  var captionsPerImage: [Int]?
  /// Present where captions are generated.
  var cache: DecoderCache?
  /// Present where it is asked what whole captions look at.
  var recorder: AttentionRecorder?

  /// A layer's output for x, or x itself where training leaves the layer out.
  ///
  /// - Parameter layerDrop: the probability of that.
  func apply(
    _ x: Tensor, layerDrop: Float, _ layer: @escaping (Tensor, DecoderContext) -> Tensor
  ) -> Tensor {
    isLayerDropped(x, probability: layerDrop) ? x : recomputed(x, layer)
  }

  /// A layer's output for x, computed again in the backward pass where the tape says so.
  func recomputed(_ x: Tensor, _ layer: @escaping (Tensor, DecoderContext) -> Tensor) -> Tensor {
    Tape.recomputed([x, image]) { inputs in
      var context = self
      context.image = inputs[1]
      return layer(inputs[0], context)
    }
  }
}

/// Which row of a position table each token of a caption takes.
package enum TokenPositions {
  /// 0, 1, 2, …
  case counted
  /// Counted from a row on: BART's and its kin's, whose first two rows no token takes.
  case countedFrom(Int)
  /// Counted from the row behind that of the padding token, which itself is not counted and takes its own
  /// row: RoBERTa's, after fairseq.
  case countedFromPadding(Int)

  /// Positions of whole rows of `length` tokens each.
  package func ofRows(_ tokens: [Int32], length: Int) -> [Int32] {
    switch self {
    case .counted: return tokens.indices.map { Int32($0 % length) }
    case .countedFrom(let first): return tokens.indices.map { Int32(first + $0 % length) }
    case .countedFromPadding(let padding):
      let padding = Int32(padding)
      var last = padding
      return tokens.enumerated().map { index, token in
        if index % length == 0 { last = padding }
        guard token != padding else { return padding }
        last += 1
        return last
      }
    }
  }

  /// The positions of tokens that follow `past` others of their row.
  ///
  /// Among tokens that come together padding isn't counted; among the earlier ones it is, as in Transformers when it
  /// generates.
  package func ofNext(_ tokens: [Int32], after past: Int) -> [Int32] {
    switch self {
    case .counted: tokens.indices.map { Int32(past + $0) }
    case .countedFrom(let first): tokens.indices.map { Int32(first + past + $0) }
    case .countedFromPadding(let padding):
      ofRows(tokens, length: tokens.count).map { $0 == padding ? $0 : $0 + Int32(past) }
    }
  }
}
