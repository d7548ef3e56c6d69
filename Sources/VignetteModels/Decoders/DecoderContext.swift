import VignetteTensors

/// What a decoder's layers attend to besides their input: the image, and the tokens decoded before.
struct DecoderContext {
  /// Hidden states [I, S, C].
  private(set) var image: Tensor
  /// How many adjacent rows belong to each image; one each if nil.
  var captionsPerImage: [Int]?
  /// Present where tokens come one at a time.
  var cache: DecoderCache?

  /// A layer's output for x, computed once more on the way back where the tape says so.
  func recomputed(_ x: Tensor, _ layer: @escaping (Tensor, DecoderContext) -> Tensor) -> Tensor {
    Tape.recomputed([x, image]) { inputs in
      var context = self
      context.image = inputs[1]
      return layer(inputs[0], context)
    }
  }
}
