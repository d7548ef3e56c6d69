import VignetteImages
public import VignetteTensors

/// How a ``Captioner`` computes, apart from how it generates.
public struct CaptionerOptions: Sendable {
  /// The compute dtype: what products are computed in. Where the processor has no kernels for bfloat16, it is float32.
  public var dtype = Precision.float32
  /// How many images go through the model at a time.
  public var batchSize = 8
  /// The greatest number of pixels that an image may claim; larger ones are refused before they are decoded.
  public var maximumImagePixels = ImageDecoder.defaultMaximumPixels
  /// Whether images of another size than the model's are taken, its learned positions interpolated
  /// (Hugging Face's `interpolate_pos_encoding`).
  public var interpolatesPositions = false
  /// Whether images are made grey before they are resized, as some readers were trained (manga-ocr).
  public var convertsToGrey = false
  /// What is done with the texts of captions; nil for nothing.
  public var textCleanup: TextCleanup?
  /// How many requests may be under way: waiting with their images, or being computed.
  public var queueCapacity = 64
  /// Whether a request that finds no room is refused with ``CaptionerError/busy(capacity:)``, as a server wants it,
  /// instead of waiting. A sequence of images (``CaptionSequence``) always waits.
  public var refusesWhenFull = false

  /// How long, at most, a request waits for others after a batch of several, so that clients who ask again and again
  /// stay together.
  package var gatherLimit: Duration = .zero
  /// Hears how requests fare.
  package var observer: (any EngineObserver)?

  public init() {}
}
