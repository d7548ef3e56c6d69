public import VignetteTensors

/// Captions of encoded images in the making: what beam search drives, one token a row at a time.
///
/// Keys and values are kept between steps, those of the images made once.
public struct CachedDecoding: DecodingModel {
  private let model: VisionEncoderDecoder
  private let image: Tensor
  private let cache: DecoderCache

  /// - Parameter image: what the model's `encode` gave, [I, S, C].
  public init(_ model: VisionEncoderDecoder, image: Tensor) {
    self.model = model
    self.image = image.detached
    cache = DecoderCache(layerCount: model.decoder.layerCount)
  }

  public var imageCount: Int { image.shape[0] }
  public var vocabularySize: Int { model.vocabularySize }
  public var maximumLength: Int { model.maximumLength }

  /// The next token's logits [R, V] after one more token for each row.
  ///
  /// - Parameter parents: in the first step, the image that each row captions; then the row of the step
  ///   before that each row goes on from.
  public func step(tokens: [Int], parents: [Int]) -> Tensor {
    cache.advance(parents: parents)
    return model.decoder.nextLogits(tokens: tokens.map { Int32($0) }, image: image, cache: cache)
  }

  public mutating func step(
    tokens: [Int], parents: [Int], logits: UnsafeMutableBufferPointer<Float>
  ) throws {
    step(tokens: tokens, parents: parents).withFloats { _ = logits.update(fromContentsOf: $0) }
  }
}
