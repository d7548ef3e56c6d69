package import VignetteFiles
package import VignetteTensors

/// CLIP (Radford et al., 2021) as Hugging Face's `CLIPModel` computes it: a vision Transformer and a causal text Transformer
/// whose outputs are projected to embeddings that are close where a text fits an image.
package final class CLIP {
  package let parameters: [Parameter]
  private let vision: CLIPVision
  private let visionNorm: LayerNorm
  private let visualProjection: Linear
  private let text: ContrastiveText
  private let textProjection: Linear
  private let eosTokenID: Int

  /// Builds the model that a config.json describes from weights of any source.
  ///
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package init(_ json: JSONField, weights source: any WeightSource) throws {
    let width = try json["projection_dim"].size(default: 512)
    let c = try ContrastiveTextConfiguration(Self.half("text_config", of: json), .clip)
    eosTokenID = try Self.half("text_config", of: json)["eos_token_id"].token(
      below: Int(Int32.max), default: 49407)
    let builder = WeightBuilder(source)
    let images = builder.root(.vision)
    vision = try CLIPVision(images["vision_model"], Self.half("vision_config", of: json))
    visionNorm = LayerNorm(
      images["vision_model.post_layernorm"], width: vision.width, epsilon: vision.configuration.layerNormEps)
    visualProjection = Linear(
      images["visual_projection"], from: vision.width, to: width, bias: false, deviation: 0.02)
    let texts = builder.root(.text)
    text = ContrastiveText(texts["text_model"], c)
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
    // What fills up a row stands behind its end, where nothing of the text sees it.
    let length = texts.map(\.count).max() ?? 0
    let rows = texts.map { $0 + [Int32](repeating: $0.last ?? 0, count: length - $0.count) }
    return textProjection(text(rows, at: texts.map(end)), output: .float32)
  }

  /// The index of a text's end, whose output stands for it: its first end token, or in old files, which don't name that,
  /// its highest id.
  private func end(of text: [Int32]) -> Int {
    let end = eosTokenID == 2 ? text.max() : Int32(eosTokenID)
    return text.firstIndex { $0 == end } ?? 0
  }
}

/// The text Transformer of CLIP and of SigLIP, Hugging Face's `CLIPTextModel` and `SiglipTextModel`: pre-norm layers, of
/// which one token's output stands for the text.
struct ContrastiveText {
  let configuration: ContrastiveTextConfiguration
  private let embeddings: TokenEmbeddings
  private let layers: [VisionLayer]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ c: ContrastiveTextConfiguration) {
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

  /// Token ids of texts in rows of one length → [B, C].
  ///
  /// - Parameter indices: the token of each row that stands for it.
  func callAsFunction(_ rows: [[Int32]], at indices: [Int]) -> Tensor {
    let (length, tokens) = (rows.first?.count ?? 0, rows.flatMap { $0 })
    let embedded = embeddings(tokens, at: tokens.indices.map { Int32($0 % length) }, on: nil)
    let hidden = layers.reduce(embedded.reshaped(-1, length, configuration.hiddenSize)) { $1($0) }
    return norm(hidden.tokens(at: indices))
  }
}

/// Hugging Face's `CLIPTextConfig` and `SiglipTextConfig`.
struct ContrastiveTextConfiguration {
  let vocabSize: Int
  let hiddenSize: Int
  let numHiddenLayers: Int
  let maxPositionEmbeddings: Int
  let layerNormEps: Float
  let layerOptions: VisionLayerOptions

  /// What the two differ in where a file says nothing.
  struct Defaults {
    var vocabSize: Int
    var hiddenSize: Int
    var heads: Int
    var intermediateSize: Int
    var maxPositionEmbeddings: Int
    var hiddenAct: String
    var layerNormEps: Double
    /// Whether a token sees only what stands before it, whatever a file says.
    var isCausal: Bool

    static let clip = Defaults(
      vocabSize: 49408, hiddenSize: 512, heads: 8, intermediateSize: 2048, maxPositionEmbeddings: 77,
      hiddenAct: "quick_gelu", layerNormEps: 1e-5, isCausal: true)
    static let siglip = Defaults(
      vocabSize: 32000, hiddenSize: 768, heads: 12, intermediateSize: 3072, maxPositionEmbeddings: 64,
      hiddenAct: "gelu_pytorch_tanh", layerNormEps: 1e-6, isCausal: false)
  }

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField, _ defaults: Defaults) throws {
    vocabSize = try json["vocab_size"].size(default: defaults.vocabSize)
    hiddenSize = try json["hidden_size"].size(default: defaults.hiddenSize)
    numHiddenLayers = try json["num_hidden_layers"].size(default: 12, upTo: 1024)
    maxPositionEmbeddings = try json["max_position_embeddings"].size(default: defaults.maxPositionEmbeddings)
    layerNormEps = Float(try json["layer_norm_eps"].positive(default: defaults.layerNormEps))
    layerOptions = VisionLayerOptions(
      width: hiddenSize,
      heads: try json["num_attention_heads"].heads(of: hiddenSize, default: defaults.heads),
      intermediateSize: try json["intermediate_size"].size(default: defaults.intermediateSize),
      activation: try json["hidden_act"].activation(default: defaults.hiddenAct), epsilon: layerNormEps,
      deviation: 0.02, isCausal: defaults.isCausal)
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
