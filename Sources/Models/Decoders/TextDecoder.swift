import Tensors

/// A language model that attends to an image: tokens and an encoding in, logits of the next tokens out.
protocol TextDecoder {
  /// V: how many tokens there are.
  var vocabularySize: Int { get }
  /// How many tokens a caption may have, the start token included.
  var maximumLength: Int { get }
  /// C: the width of its hidden states.
  var width: Int { get }
  /// How many layers a cache needs.
  var layerCount: Int { get }

  /// Logits [B, T, V] of whole token sequences; those of position t say what stands at t + 1.
  ///
  /// - Parameters:
  ///   - tokens: B × T ids, row by row.
  ///   - image: hidden states [I, S, C].
  ///   - captionsPerImage: how many adjacent rows belong to each image; one each if nil.
  func logits(tokens: [Int32], length: Int, image: Tensor, captionsPerImage: [Int]?, on tape: Tape?) -> Tensor

  /// Logits [R, V] after one more token for each row of the cache.
  func nextLogits(tokens: [Int32], image: Tensor, cache: DecoderCache) -> Tensor
}
