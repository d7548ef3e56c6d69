import VignetteCheckpoints
import VignetteFiles
public import VignetteTensors

/// A vision encoder joined to a text decoder: Hugging Face's `VisionEncoderDecoderModel`.
public final class VisionEncoderDecoder {
  public let configuration: VisionEncoderDecoderConfiguration
  /// All weights, by the names that they have in a checkpoint.
  public let parameters: [Parameter]
  let encoder: any VisionEncoder
  let decoder: any TextDecoder
  /// From the encoder's width to the decoder's, where they differ.
  private let projection: Linear?

  /// Builds the model that a configuration describes from weights of any source.
  ///
  /// - Throws: `JSONFieldError` or ``WeightsError``, each naming what is wrong.
  public init(_ configuration: VisionEncoderDecoderConfiguration, weights source: any WeightSource) throws {
    let builder = WeightBuilder(source)
    let weights = builder.root
    let (encoderJSON, decoderJSON) = (configuration.encoder, configuration.decoder)
    encoder = try EncoderArchitecture(encoderJSON).makeEncoder(weights["encoder"], encoderJSON)
    decoder = try DecoderArchitecture(decoderJSON).makeDecoder(weights["decoder"], decoderJSON)
    let given: Int? = try decoderJSON["cross_attention_hidden_size"].optional()
    guard given ?? encoder.width == encoder.width, given == nil || encoder.width == decoder.width else {
      throw decoderJSON["cross_attention_hidden_size"].mismatch(
        expected: "the width of both encoder (\(encoder.width)) and decoder (\(decoder.width))")
    }
    projection =
      encoder.width == decoder.width
      ? nil
      : Linear(
        weights["enc_to_dec_proj"], from: encoder.width, to: decoder.width,
        deviation: try decoderJSON["initializer_range"].positive(default: 0.02))
    parameters = try builder.finish()
    self.configuration = configuration
    requestedNames = builder.requested
  }

  /// Loads a checkpoint's weights into the model that its configuration describes.
  ///
  /// - Throws: ``WeightsError`` listing weights that are missing, of another shape, or unexpected.
  public convenience init(_ configuration: VisionEncoderDecoderConfiguration, checkpoint: CheckpointWeights)
    throws
  {
    try self.init(configuration, weights: checkpoint)
    let ignored =
      try EncoderArchitecture(configuration.encoder).ignoredKeys
      + DecoderArchitecture(configuration.decoder).ignoredKeys
    try checkpoint.checkForUnexpected(requested: requestedNames, ignoredEndings: ignored)
  }

  /// Names that the model looked for, tied ones that may be absent included.
  let requestedNames: Set<String>

  /// How products are computed; weights stay float32.
  public var precision = Precision.float32 {
    didSet { for parameter in parameters { parameter.precision = precision } }
  }

  /// Whether training drops some of what the encoder computes.
  public var encoderDropsOut: Bool {
    ["hidden_dropout_prob", "attention_probs_dropout_prob", "drop_path_rate"].contains {
      let share: Double? = try? configuration.encoder[$0].optional()
      return (share ?? 0) > 0
    }
  }

  /// The size of pixel values that the encoder was made for.
  public var imageSize: (height: Int, width: Int) { encoder.imageSize }
  public var channels: Int { encoder.channels }
  /// V: the number of tokens that the decoder knows.
  public var vocabularySize: Int { decoder.vocabularySize }
  /// The most tokens that a caption can have, the start token included.
  public var maximumLength: Int { decoder.maximumLength }

  /// Pixel values [B, channels, height, width] → what the decoder attends to, [B, S, C].
  public func encode(_ pixelValues: Tensor, interpolatePositions: Bool = false) throws -> Tensor {
    project(try hiddenStates(pixelValues, interpolatePositions: interpolatePositions))
  }

  /// The encoder's own output, [B, S, its width].
  public func hiddenStates(_ pixelValues: Tensor, interpolatePositions: Bool = false) throws -> Tensor {
    try encoder.encode(pixelValues, interpolatePositions: interpolatePositions)
  }

  /// Gives back the memory of encoder weights that stand in a mapped file. Encoding again reads them again.
  public func releaseEncoder() {
    for parameter in parameters where parameter.name.hasPrefix("encoder.") { parameter.releasePages() }
  }

  /// The encoder's output at the decoder's width.
  public func project(_ hiddenStates: Tensor) -> Tensor { projection?(hiddenStates) ?? hiddenStates }

  /// Logits [B, T, V] of decoder inputs, under teacher forcing.
  ///
  /// - Parameters:
  ///   - tokens: B rows of T ids each, the start token first.
  ///   - image: what ``encode(_:interpolatePositions:)`` gave, [I, S, C].
  ///   - captionsPerImage: how many adjacent rows belong to each image; one each if nil.
  public func logits(
    tokens: [[Int32]], image: Tensor, captionsPerImage: [Int]? = nil, on tape: Tape? = nil
  ) -> Tensor {
    let length = tokens.first?.count ?? 0
    precondition(tokens.allSatisfy { $0.count == length }, "rows of tokens must be equally long")
    return decoder.logits(
      tokens: tokens.flatMap { $0 }, length: length, image: image, captionsPerImage: captionsPerImage,
      on: tape ?? Tape.of(image))
  }

  /// Labels moved one place to the right behind the start token, ignored ones replaced by padding:
  /// Hugging Face's `shift_tokens_right`.
  public static func shiftRight(_ labels: [Int32], startTokenID: Int, padTokenID: Int) -> [Int32] {
    ([Int32(startTokenID)] + labels.dropLast()).map { $0 == ignoredLabel ? Int32(padTokenID) : $0 }
  }
}
