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
  /// How many layers a cache needs.
  var layerCount: Int { get }
  /// Which rows of the position table tokens take.
  var positions: TokenPositions { get }

  /// N tokens at their positions → what the first layer takes, [N, C].
  func embed(_ tokens: [Int32], at positions: [Int32], on tape: Tape?) -> Tensor

  /// Embedded tokens, [B, T, C] or one of each row [R, C] → logits of the same rows [..., V].
  func decode(_ embedded: Tensor, _ context: DecoderContext) -> Tensor
}

extension TextDecoder {
  /// Logits [B, T, V] of whole token sequences; those of position t say what stands at t + 1.
  ///
  /// - Parameters:
  ///   - tokens: B × T ids, row by row.
  ///   - image: hidden states [I, S, C].
  ///   - captionsPerImage: how many adjacent rows belong to each image; one each if nil.
  func logits(tokens: [Int32], length: Int, image: Tensor, captionsPerImage: [Int]?, on tape: Tape?) -> Tensor
  {
    let embedded = embed(tokens, at: positions.ofRows(tokens, length: length), on: tape)
    return decode(
      embedded.reshaped(-1, length, width), DecoderContext(image: image, captionsPerImage: captionsPerImage))
  }

  /// Logits [R, V] after one more token for each row of the cache.
  func nextLogits(tokens: [Int32], image: Tensor, cache: DecoderCache) -> Tensor {
    let places = tokens.map { positions.ofNext($0, after: cache.length - 1) }
    return decode(embed(tokens, at: places, on: nil), DecoderContext(image: image, cache: cache))
  }
}
