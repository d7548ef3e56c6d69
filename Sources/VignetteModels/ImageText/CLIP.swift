package import VignetteFiles
package import VignetteTensors

/// CLIP (Radford et al., 2021) as Hugging Face's `CLIPModel` computes it: a vision Transformer and a causal text Transformer
/// whose outputs are projected to embeddings that are close where a text fits an image.
package final class CLIP {
  package let parameters: [Parameter]
  private let vision: CLIPVision
  private let visionNorm: LayerNorm
  private let visualProjection: Linear
  private let text: CLIPText
  private let textProjection: Linear

  /// Builds the model that a config.json describes from weights of any source.
  ///
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package init(_ json: JSONField, weights source: any WeightSource) throws {
    let width = try json["projection_dim"].size(default: 512)
    let c = try CLIPTextConfiguration(Self.half("text_config", of: json))
    let builder = WeightBuilder(source)
    let images = builder.root(.vision)
    vision = try CLIPVision(images["vision_model"], Self.half("vision_config", of: json))
    visionNorm = LayerNorm(
      images["vision_model.post_layernorm"], width: vision.width, epsilon: vision.configuration.layerNormEps)
    visualProjection = Linear(
      images["visual_projection"], from: vision.width, to: width, bias: false, deviation: 0.02)
    let texts = builder.root(.text)
    text = CLIPText(texts["text_model"], c)
    textProjection = Linear(
      texts["text_projection"], from: c.hiddenSize, to: width, bias: false, deviation: 0.02)
    parameters = try builder.finish(ignoring: ["logit_scale", "embeddings.position_ids"])
  }

  /// A half's configuration. Old files describe it twice, and what ends in `_dict` takes precedence as a whole.
  private static func half(_ name: String, of json: JSONField) -> JSONField {
    let old = json["\(name)_dict"]
    return old.isPresent ? old : json[name]
  }

  package var imageSize: (height: Int, width: Int) { vision.imageSize }
  package var vocabularySize: Int { text.configuration.vocabSize }
  /// The most tokens of a text, start and end included.
  package var maximumLength: Int { text.configuration.maxPositionEmbeddings }

  /// Pixel values [I, channels, height, width] → embeddings [I, D], not normalised.
  ///
  /// - Throws: ``ModelError`` where the size doesn't fit the model, `TensorMemoryError`.
  package func embeddings(ofImages pixelValues: Tensor) throws -> Tensor {
    let hidden = try vision.encode(pixelValues, interpolatePositions: false)
    return visualProjection(
      visionNorm(hidden.tokens(at: Array(repeating: 0, count: hidden.shape[0]))), output: .float32)
  }

  /// Texts' token ids, start and end included → embeddings [B, D], not normalised.
  ///
  /// - Precondition: no text is empty or longer than ``maximumLength``.
  package func embeddings(ofTexts texts: [[Int32]]) -> Tensor {
    textProjection(text(texts), output: .float32)
  }
}

/// CLIP's text Transformer, Hugging Face's `CLIPTextModel`: pre-norm layers, causal, of which the end token's output stands
/// for the text.
private struct CLIPText {
  let configuration: CLIPTextConfiguration
  private let embeddings: TokenEmbeddings
  private let layers: [VisionLayer]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ c: CLIPTextConfiguration) {
    configuration = c
    let own = weights["embeddings"]
    embeddings = TokenEmbeddings(
      words: own.parameter("token_embedding.weight", [c.vocabSize, c.hiddenSize], .normal(0.02)),
      positionTable: own.parameter(
        "position_embedding.weight", [c.maxPositionEmbeddings, c.hiddenSize], .normal(0.02)),
      tokenTypes: nil, norm: nil, dropout: 0, wordPadding: nil, positionPadding: nil)
    layers = (0..<c.numHiddenLayers).map {
      VisionLayer(weights["encoder.layers.\($0)"], c.layerOptions, named: .contrastive)
    }
    norm = LayerNorm(weights["final_layer_norm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  /// Texts' token ids → [B, C].
  func callAsFunction(_ texts: [[Int32]]) -> Tensor {
    // What fills up a row stands behind its end, where nothing of the text sees it.
    let length = texts.map(\.count).max() ?? 0
    let tokens = texts.flatMap { $0 + [Int32](repeating: $0.last ?? 0, count: length - $0.count) }
    let embedded = embeddings(tokens, at: tokens.indices.map { Int32($0 % length) }, on: nil)
    let hidden = layers.reduce(embedded.reshaped(-1, length, configuration.hiddenSize)) { $1($0) }
    return norm(hidden.tokens(at: texts.map(end)))
  }

  /// The index of a text's end: its first end token, or in old files, which don't name that, its highest id.
  private func end(of text: [Int32]) -> Int {
    let end = configuration.eosTokenID == 2 ? text.max() : Int32(configuration.eosTokenID)
    return text.firstIndex { $0 == end } ?? 0
  }
}

/// Hugging Face's `CLIPTextConfig`.
private struct CLIPTextConfiguration {
  let vocabSize: Int
  let hiddenSize: Int
  let numHiddenLayers: Int
  let maxPositionEmbeddings: Int
  let layerNormEps: Float
  let eosTokenID: Int
  let layerOptions: VisionLayerOptions

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField) throws {
    vocabSize = try json["vocab_size"].size(default: 49408)
    hiddenSize = try json["hidden_size"].size(default: 512)
    numHiddenLayers = try json["num_hidden_layers"].size(default: 12, upTo: 1024)
    maxPositionEmbeddings = try json["max_position_embeddings"].size(default: 77)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: 1e-5))
    eosTokenID = try json["eos_token_id"].token(below: Int(Int32.max), default: 49407)
    layerOptions = VisionLayerOptions(
      width: hiddenSize, heads: try json["num_attention_heads"].heads(of: hiddenSize, default: 8),
      intermediateSize: try json["intermediate_size"].size(default: 2048),
      activation: try json["hidden_act"].activation(default: "quick_gelu"), epsilon: layerNormEps,
      deviation: 0.02, isCausal: true)
  }
}

extension Tensor {
  /// One token of each row, [B, T, C] → [B, C].
  func tokens(at indices: [Int]) -> Tensor {
    let result = Tensor(uninitialized: [indices.count, 1, shape[2]], dtype: dtype)
    for (row, index) in indices.enumerated() {
      result.slice(row..<row + 1, axis: 0).assign(
        slice(row..<row + 1, axis: 0).slice(index..<index + 1, axis: 1))
    }
    return result.reshaped(-1, shape[2])
  }
}
