package import VignetteFiles
package import VignetteTensors

/// BLIP (Li et al., 2022) as Hugging Face's `BlipForImageTextRetrieval` compares images and texts: by embeddings of each
/// alone (ITC), and by a text encoder that attends to the image (ITM).
///
/// A text's first token, [CLS], stands for it, in both ways. BLIP's own code puts [ENC] in its place for the second, and
/// was trained so; Transformers doesn't, and these are its numbers, so that they may differ a little from LAVIS's.
package final class BLIPRetrieval {
  package let parameters: [Parameter]
  private let vision: BLIPVision
  private let embeddings: TokenEmbeddings
  private let layers: [PostNormLayer]
  private let visionProjection: Linear
  private let textProjection: Linear
  private let matchHead: Linear
  private let textConfiguration: BERTConfiguration

  /// Builds the model that a config.json describes from weights of any source.
  ///
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package init(_ json: JSONField, weights source: any WeightSource) throws {
    let v = try ViTConfiguration(blip: json["vision_config"])
    let c = try BERTConfiguration(blip: json)
    let width = try json["image_text_hidden_size"].size(default: 256)
    let builder = WeightBuilder(source)
    let (images, texts) = (builder.root(.vision), builder.root(.text))
    vision = BLIPVision(images.alsoNamed(BLIPVision.originalNames)["vision_model"], v)
    embeddings = TokenEmbeddings(blip: texts["text_encoder.embeddings"], c, head: nil)
    layers = (0..<c.numHiddenLayers).map {
      PostNormLayer(
        bert: texts["text_encoder.encoder.layer.\($0)"], c, imageWidth: v.hiddenSize, isCausal: false,
        index: $0)
    }
    visionProjection = Linear(images["vision_proj"], from: v.hiddenSize, to: width, deviation: 0.02)
    textProjection = Linear(texts["text_proj"], from: c.hiddenSize, to: width, deviation: 0.02)
    matchHead = Linear(texts["itm_head"], from: c.hiddenSize, to: 2, deviation: 0.02)
    textConfiguration = c
    parameters = try builder.finish(ignoring: ["embeddings.position_ids"])
  }

  package var imageSize: (height: Int, width: Int) { vision.imageSize }
  package var vocabularySize: Int { textConfiguration.vocabSize }
  /// The most tokens of a text, special ones included.
  package var maximumLength: Int { textConfiguration.maxPositionEmbeddings }

  /// Pixel values [I, channels, height, width] → hidden states [I, S, C].
  ///
  /// - Throws: ``ModelError`` where the size doesn't fit the model, `TensorMemoryError`.
  package func hiddenStates(ofImages pixelValues: Tensor) throws -> Tensor {
    try vision.encode(pixelValues, interpolatePositions: false)
  }

  /// Hidden states of images [I, S, C] → embeddings [I, D], not normalised.
  package func embeddings(ofImages states: Tensor) -> Tensor {
    visionProjection(states.tokens(at: Array(repeating: 0, count: states.shape[0])), output: .float32)
  }

  /// Texts' token ids, special ones included → embeddings [B, D], not normalised.
  ///
  /// - Precondition: all texts are equally long, and no longer than ``maximumLength``.
  package func embeddings(ofTexts texts: [[Int32]]) -> Tensor {
    textProjection(firstTokens(of: texts, image: nil), output: .float32)
  }

  /// Texts and the hidden states [B, S, C] of their images → logits [B, 2], of no match and of a match.
  ///
  /// - Precondition: all texts are equally long, and no longer than ``maximumLength``.
  package func matchLogits(texts: [[Int32]], images states: Tensor) -> Tensor {
    matchHead(firstTokens(of: texts, image: states), output: .float32)
  }

  /// What the text encoder gives for each text's first token, [B, C].
  private func firstTokens(of texts: [[Int32]], image: Tensor?) -> Tensor {
    let length = texts.first?.count ?? 0
    precondition(texts.allSatisfy { $0.count == length }, "rows of tokens must be equally long")
    let tokens = texts.flatMap { $0 }
    let embedded = embeddings(tokens, at: tokens.indices.map { Int32($0 % length) }, on: nil)
    var x = embedded.reshaped(-1, length, textConfiguration.hiddenSize)
    let context = image.map { DecoderContext(image: $0) }
    for layer in layers { x = context.map { layer(x, $0) } ?? layer.withoutImage(x) }
    return x.tokens(at: Array(repeating: 0, count: texts.count))
  }
}
