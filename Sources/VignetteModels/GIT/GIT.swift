package import VignetteFiles
package import VignetteTensors

/// GIT, the generative image-to-text Transformer (Wang et al., 2022), as Hugging Face's `GitForCausalLM` computes it: the
/// image encoder of CLIP, and a Transformer that has its output, projected, before the tokens of the caption in one
/// sequence.
package final class GIT: CaptionModel {
  package let configuration: CaptionConfiguration
  package let parameters: [Parameter]
  package let encoderDropsOut: Bool
  private let vision: CLIPVision
  /// CLIP has it behind its pooled output alone.
  private let visionNorm: LayerNorm
  private let projection: Linear
  private let projectionNorm: LayerNorm
  private let text: GITText

  /// Builds the model that a config.json describes from weights of any source.
  ///
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package init(_ json: JSONField, weights source: any WeightSource) throws {
    configuration = try CaptionConfiguration(git: json)
    let textConfiguration = try BERTConfiguration(git: json)
    let builder = WeightBuilder(source)
    let encoder = builder.root(.vision)["git.image_encoder.vision_model"]
    vision = try CLIPVision(encoder, json["vision_config"], patchSize: 16)
    let visionConfiguration = vision.configuration
    visionNorm = LayerNorm(
      encoder["post_layernorm"], width: vision.width, epsilon: visionConfiguration.layerNormEps)
    let bridge = builder.root(.bridge)["git.visual_projection.visual_projection"]
    projection = textConfiguration.linear(
      bridge["0"], from: vision.width, to: textConfiguration.hiddenSize)
    projectionNorm = LayerNorm(
      bridge["1"], width: textConfiguration.hiddenSize, epsilon: visionConfiguration.layerNormEps)
    text = GITText(builder.root(.text), textConfiguration)
    // Tables of 0, 1, 2, …
    parameters = try builder.finish(ignoring: ["embeddings.position_ids"])
    encoderDropsOut = vision.drawsInTraining
  }

  package var imageSize: (height: Int, width: Int) { vision.imageSize }
  package var channels: Int { vision.channels }
  package var vocabularySize: Int { text.vocabularySize }
  package var maximumLength: Int { text.maximumLength }
  package var cachedNumbersPerToken: Int { text.cachedNumbersPerToken }
  package var attendingLayerCount: Int { text.layerCount }

  package func hiddenStates(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    visionNorm(try vision.encode(pixelValues, interpolatePositions: interpolatePositions))
  }

  /// The image tokens [I, S, C], float32: the vision part's output at the text part's width.
  package func features(_ hiddenStates: Tensor) -> ImageFeatures {
    ImageFeatures(projectionNorm(projection(hiddenStates, output: .float32), output: .float32))
  }

  package func logits(
    tokens: [[Int32]], features: ImageFeatures, captionsPerImage: [Int]?, on tape: Tape?
  ) -> Tensor {
    text.logits(tokens: tokens, features: features, captionsPerImage: captionsPerImage, on: tape)
  }

  package func decoding(of features: ImageFeatures) -> any DecodingModel {
    CachedDecoding(text, image: features.states, imageComesFirst: true)
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
}

extension CaptionFamily {
  static let git = CaptionFamily("git", takesPrompt: true, check: GIT.check) { try GIT($0, weights: $1) }
}

extension GIT {
  /// Makes sure that the model is one that captions an image.
  fileprivate static func check(_ json: JSONField) throws {
    let names: [String] = try json["architectures"].value(default: [])
    guard !names.contains("GitModel") else {
      throw json["architectures"].error(
        "expected GitForCausalLM, which captions images (such as microsoft/git-base-coco), found GitModel, "
          + "which has no head that tells words")
    }
    let frames: Int? = try json["num_image_with_embedding"].optional()
    if let frames {
      throw json["num_image_with_embedding"].error(
        "expected null, a model that captions one image (such as microsoft/git-base-coco), found \(frames): "
          + "it captions videos, \(Quantity(frames, "frame")) at a time, which is not supported")
    }
  }
}

extension CaptionConfiguration {
  /// Hugging Face's `GitConfig`. Captions stand between [CLS] and [SEP].
  package init(git json: JSONField) throws {
    let vocabularySize = try json["vocab_size"].size(default: 30522)
    let ends = try json["eos_token_id"].tokenIDs() ?? [102]
    guard ends.allSatisfy((0..<vocabularySize).contains) else {
      throw json["eos_token_id"].mismatch(
        expected: "tokens of the vocabulary, from 0 to \(vocabularySize - 1)")
    }
    self.init(
      json, vision: json["vision_config"], textModelType: "git",
      decoderStartTokenID: try json["bos_token_id"].token(below: vocabularySize, default: 101),
      endTokenIDs: ends, padTokenID: try json["pad_token_id"].token(below: vocabularySize, default: 0))
  }
}
