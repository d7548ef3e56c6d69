package import VignetteFiles
package import VignetteTensors

/// A vision encoder joined to a text decoder that attends to it: Hugging Face's `VisionEncoderDecoderModel`.
package final class VisionEncoderDecoder: CaptionModel {
  package let configuration: CaptionConfiguration
  package let parameters: [Parameter]
  package let encoderDropsOut: Bool
  let encoder: any VisionEncoder
  let decoder: any TextDecoder
  /// From the encoder's width to the decoder's, where they differ and the decoder doesn't take the encoder's.
  private let projection: Linear?

  /// Builds the model that a configuration describes from weights of any source.
  ///
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package init(_ configuration: VisionEncoderDecoderConfiguration, weights source: any WeightSource) throws {
    let (encoderJSON, decoderJSON) = (configuration.encoder, configuration.decoder)
    let encoderArchitecture = try EncoderArchitecture(encoderJSON)
    let decoderArchitecture = try DecoderArchitecture(decoderJSON)
    let builder = WeightBuilder(source)
    encoder = try encoderArchitecture.makeEncoder(builder.root(.vision)["encoder"], encoderJSON)
    decoder = try decoderArchitecture.makeDecoder(builder.root(.text)["decoder"], decoderJSON)
    try Self.checkWidths(encoder, decoder, decoderJSON)
    projection =
      encoder.width == decoder.imageWidth
      ? nil
      : Linear(
        builder.root(.bridge)["enc_to_dec_proj"], from: encoder.width, to: decoder.imageWidth,
        deviation: try decoderJSON["initializer_range"].positive(default: 0.02))
    parameters = try builder.finish(
      ignoring: encoderArchitecture.ignoredKeys + decoderArchitecture.ignoredKeys)
    encoderDropsOut = encoder.drawsInTraining
    self.configuration = configuration.shared
  }

  /// Where the decoder says itself how wide the states are that it attends to, there is no projection.
  private static func checkWidths(
    _ encoder: any VisionEncoder, _ decoder: any TextDecoder, _ json: JSONField
  ) throws {
    let given: Int? = try json["cross_attention_hidden_size"].optional()
    guard let given else { return }
    guard given == encoder.width else {
      throw json["cross_attention_hidden_size"].mismatch(expected: "the encoder's width, \(encoder.width)")
    }
    guard decoder.imageWidth == encoder.width else {
      throw json["cross_attention_hidden_size"].mismatch(
        expected: "the width of both encoder (\(encoder.width)) and decoder (\(decoder.width))")
    }
  }

  package var imageSize: (height: Int, width: Int) { encoder.imageSize }
  package var channels: Int { encoder.channels }
  package var vocabularySize: Int { decoder.vocabularySize }
  package var maximumLength: Int { decoder.maximumLength }
  package var cachedNumbersPerToken: Int { decoder.cachedNumbersPerToken }
  package var attendingLayerCount: Int { decoder.layerCount }

  package func hiddenStates(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    try encoder.encode(pixelValues, interpolatePositions: interpolatePositions)
  }

  /// The encoder's output at the width that the decoder attends to.
  package func features(_ hiddenStates: Tensor) -> ImageFeatures {
    ImageFeatures(projection?(hiddenStates) ?? hiddenStates)
  }

  package func logits(
    tokens: [[Int32]], features: ImageFeatures, captionsPerImage: [Int]?, on tape: Tape?
  ) -> Tensor {
    decoder.logits(tokens: tokens, features: features, captionsPerImage: captionsPerImage, on: tape)
  }

  package func decoding(of features: ImageFeatures) -> any DecodingModel {
    CachedDecoding(decoder, image: features.states)
  }

  package func patchLayout(height: Int, width: Int) -> PatchLayout? {
    encoder.layout(height: height, width: width)
  }

  package func imageAttention(
    tokens: [[Int]], promptLengths: [Int], features: ImageFeatures, captionsPerImage: [Int]
  ) -> [Tensor]? {
    decoder.imageAttention(
      tokens: tokens, promptLengths: promptLengths, features: features, captionsPerImage: captionsPerImage)
  }
}

extension CaptionFamily {
  static let visionEncoderDecoder = CaptionFamily(VisionEncoderDecoderConfiguration.modelType) {
    try VisionEncoderDecoder(VisionEncoderDecoderConfiguration($0), weights: $1)
  }
}

/// Hugging Face's config.json of a `VisionEncoderDecoderModel`: the part that spans encoder and decoder.
package struct VisionEncoderDecoderConfiguration: Sendable {
  /// What other rooms see of it.
  package let shared: CaptionConfiguration
  let encoder: JSONField
  let decoder: JSONField

  static let modelType = "vision-encoder-decoder"

  /// - Throws: `JSONError` naming the field that is missing or wrong.
  package init(_ json: JSONField) throws {
    try self.init(json, encoder: json["encoder"], decoder: json["decoder"])
  }

  /// - Parameters:
  ///   - encoder: the same as in `json`, from the file that errors should name.
  ///   - decoder: likewise.
  fileprivate init(_ json: JSONField, encoder: JSONField, decoder: JSONField) throws {
    let type: String = try json["model_type"].value()
    guard type == Self.modelType else { throw json["model_type"].mismatch(expected: Self.modelType) }
    self.encoder = encoder
    self.decoder = decoder
    shared = CaptionConfiguration(
      try EncoderArchitecture.settled(json), vision: encoder,
      textModelType: try decoder["model_type"].value(),
      decoderStartTokenID: try json["decoder_start_token_id"].tokenID()
        ?? decoder["decoder_start_token_id"].tokenID() ?? decoder["bos_token_id"].tokenIDs()?.first,
      endTokenIDs: try json["eos_token_id"].tokenIDs() ?? decoder["eos_token_id"].tokenIDs() ?? [],
      padTokenID: try json["pad_token_id"].optional() ?? decoder["pad_token_id"].optional())
  }
}

/// One of the two models that a new captioner is made of.
package struct PretrainedHalf {
  /// Its config.json.
  package let configuration: JSONField
  /// Nil where all weights are to be drawn.
  let weights: CheckpointWeights?

  package init(configuration: JSONField, weights: CheckpointWeights?) {
    self.configuration = configuration
    self.weights = weights
  }
}

extension PretrainedHalf {
  /// Checks names and shapes of the weights against the encoder that the configuration describes; values aren't read.
  ///
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package func checkAsEncoder() throws {
    let architecture = try EncoderArchitecture(configuration)
    try check("encoder", architecture.checkpointPrefix) { builder in
      _ = try architecture.makeEncoder(builder.root(.vision)["encoder"], configuration)
    }
  }

  /// Likewise for a decoder.
  ///
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package func checkAsDecoder() throws {
    let architecture = try DecoderArchitecture(configuration)
    try check("decoder", architecture.checkpointPrefix) { builder in
      _ = try architecture.makeDecoder(builder.root(.text)["decoder"], configuration)
    }
  }

  private func check(_ scope: String, _ prefix: String, _ build: (WeightBuilder) throws -> Void) throws {
    let half = weights.map { PretrainedWeights.Half(source: $0.withoutValues, prefix: prefix) }
    let source = PretrainedWeights(half.map { [scope: $0] } ?? [:], fresh: AbsentWeights())
    let builder = WeightBuilder(source)
    try build(builder)
    let parameters = try builder.finish(ignoring: nil)
    // A half may lack what is new in a captioner, but not everything.
    guard source.freshNames.count < parameters.count else {
      throw ModelError.missing(source.freshNames.map { String($0.dropFirst(scope.count + 1)) })
    }
  }
}

/// A vision model and a language model joined to a captioner that is still to be trained:
/// `VisionEncoderDecoderModel.from_encoder_decoder_pretrained`.
package struct JoinedModel {
  package let model: any CaptionModel
  /// Weights that neither half had.
  package let freshNames: [String]

  /// - Parameters:
  ///   - startTokenID: what starts captions; likewise what ends and what fills them.
  ///   - seed: what new weights are drawn from.
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package init(
    encoder: PretrainedHalf, decoder: PretrainedHalf, startTokenID: Int, endTokenID: Int, padTokenID: Int,
    seed: UInt64
  ) throws {
    let json: JSONValue = [
      "architectures": ["VisionEncoderDecoderModel"],
      "model_type": .string(VisionEncoderDecoderConfiguration.modelType), "is_encoder_decoder": true,
      "tie_word_embeddings": false, "dtype": "float32", "transformers_version": "5.23.0",
      "decoder_start_token_id": .int(startTokenID), "eos_token_id": .int(endTokenID),
      "pad_token_id": .int(padTokenID), "encoder": try encoder.configuration.value(),
      "decoder": try decoder.configuration.value(),
    ]
    let configuration = try VisionEncoderDecoderConfiguration(
      JSONField(json, file: "config.json"), encoder: encoder.configuration, decoder: decoder.configuration)
    let weights = try PretrainedWeights(
      encoder: encoder.weights, decoder: decoder.weights, for: configuration, seed: seed)
    model = try MemoryFault.thrown(by: "the model") {
      try VisionEncoderDecoder(configuration, weights: weights)
    }
    freshNames = weights.freshNames
  }
}

extension PretrainedWeights {
  /// - Parameters:
  ///   - encoder: a pretrained encoder's weights; nil for a new one.
  ///   - decoder: a pretrained decoder's.
  ///   - configuration: of the captioner, which names the two architectures.
  package convenience init(
    encoder: CheckpointWeights?, decoder: CheckpointWeights?,
    for configuration: VisionEncoderDecoderConfiguration, seed: UInt64
  ) throws {
    let encoderPrefix = try EncoderArchitecture(configuration.encoder).checkpointPrefix
    let decoderPrefix = try DecoderArchitecture(configuration.decoder).checkpointPrefix
    var halves: [String: Half] = [:]
    halves["encoder"] = encoder.map { Half(source: $0, prefix: encoderPrefix) }
    halves["decoder"] = decoder.map { Half(source: $0, prefix: decoderPrefix) }
    self.init(halves, fresh: RandomWeights(seed: seed))
  }
}
