import Tensors

/// What a decoder's layers attend to besides their input: the image, and the tokens decoded before.
struct DecoderContext {
  /// Hidden states [I, S, C].
  let image: Tensor
  /// How many adjacent rows belong to each image; one each if nil.
  var captionsPerImage: [Int]?
  /// Present where tokens come one at a time.
  var cache: DecoderCache?
}
