package import VignetteFiles
package import VignetteTensors

/// BLIP (Li et al., 2022) as Hugging Face's `BlipForConditionalGeneration` captions with it: a vision Transformer, and a
/// BERT that attends to all of its tokens and writes the caption.
package final class BLIP: CaptionModel {
  package let configuration: CaptionConfiguration
  package let parameters: [Parameter]
  package let encoderDropsOut: Bool
  private let vision: BLIPVision
  private let text: PostNormDecoder

  /// Builds the model that a config.json describes from weights of any source.
  ///
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package init(_ json: JSONField, weights source: any WeightSource) throws {
    configuration = try CaptionConfiguration(blip: json)
    let visionConfiguration = try ViTConfiguration(blip: json["vision_config"])
    let textConfiguration = try BERTConfiguration(blip: json)
    let builder = WeightBuilder(source)
    vision = BLIPVision(
      builder.root(.vision).alsoNamed(BLIPVision.originalNames)["vision_model"], visionConfiguration)
    text = BLIPText.makeDecoder(
      builder.root(.text)["text_decoder"], textConfiguration, imageWidth: visionConfiguration.hiddenSize)
    parameters = try builder.finish(ignoring: BLIPText.ignoredKeys)
    encoderDropsOut = vision.drawsInTraining
  }

  /// Makes sure that the model is one that captions: BLIP's other models have other parts and the same `model_type`.
  fileprivate static func check(_ json: JSONField) throws {
    let names: [String] = try json["architectures"].value(default: [])
    for name in names {
      guard let purpose = otherModels[name] else { continue }
      throw json["architectures"].error(
        "expected BlipForConditionalGeneration, which captions images (such as "
          + "Salesforce/blip-image-captioning-base), found \(name), which \(purpose)")
    }
  }

  private static let otherModels = [
    "BlipForQuestionAnswering": "answers questions about them",
    "BlipForImageTextRetrieval": "tells how well images and texts match",
    "BlipModel": "compares images and texts",
    "BlipTextModel": "is a text encoder alone", "BlipVisionModel": "is a vision encoder alone",
  ]

  package var imageSize: (height: Int, width: Int) { vision.imageSize }
  package var channels: Int { vision.channels }
  package var vocabularySize: Int { text.vocabularySize }
  package var maximumLength: Int { text.maximumLength }
  package var cachedNumbersPerToken: Int { text.cachedNumbersPerToken }
  package var attendingLayerCount: Int { text.layerCount }

  package func hiddenStates(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    try vision.encode(pixelValues, interpolatePositions: interpolatePositions)
  }

  package func features(_ hiddenStates: Tensor) -> ImageFeatures { ImageFeatures(hiddenStates) }

  package func logits(
    tokens: [[Int32]], features: ImageFeatures, captionsPerImage: [Int]?, on tape: Tape?
  ) -> Tensor {
    text.logits(tokens: tokens, features: features, captionsPerImage: captionsPerImage, on: tape)
  }

  package func decoding(of features: ImageFeatures) -> any DecodingModel {
    CachedDecoding(text, image: features.states)
  }

  package func patchLayout(height: Int, width: Int) -> PatchLayout? {
    vision.layout(height: height, width: width)
  }

  package func imageAttention(
    tokens: [[Int]], promptLengths: [Int], features: ImageFeatures, captionsPerImage: [Int]
  ) -> [Tensor]? {
    text.imageAttention(
      tokens: tokens, promptLengths: promptLengths, features: features, captionsPerImage: captionsPerImage)
  }

  /// The text part's special tokens. Neither generation_config.json, which Transformers reads for the model as a whole,
  /// nor other options in config.json reach the text part, which generates.
  package func generationDefaults(_ generationConfig: JSONField?) -> GenerationOptions {
    GenerationOptions(
      decoderStartTokenID: configuration.decoderStartTokenID, eosTokenIDs: configuration.endTokenIDs,
      padTokenID: configuration.padTokenID)
  }
}

extension CaptionFamily {
  static let blip = CaptionFamily("blip", takesPrompt: true, check: BLIP.check) { try BLIP($0, weights: $1) }
}

extension CaptionConfiguration {
  /// Hugging Face's `BlipConfig`. Captions start with a token that its tokenizer doesn't have, and end with [SEP].
  package init(blip json: JSONField) throws {
    let text = json["text_config"]
    let vocabularySize = try text["vocab_size"].size(default: BERTConfiguration.blipVocabularySize)
    self.init(
      json, vision: json["vision_config"], textModelType: "bert",
      decoderStartTokenID: try text["bos_token_id"].token(below: vocabularySize, default: 30522),
      endTokenIDs: [try text["sep_token_id"].token(below: vocabularySize, default: 102)],
      padTokenID: try text["pad_token_id"].token(below: vocabularySize, default: 0),
      labelSmoothing: try text["label_smoothing"].probability(default: 0))
  }
}
