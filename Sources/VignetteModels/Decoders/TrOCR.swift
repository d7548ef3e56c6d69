import Foundation
import VignetteFiles
import VignetteTensors

/// TrOCR's decoder (Li et al., 2021), which reads text in images, as Hugging Face's `TrOCRForCausalLM` computes it:
/// BART's layers, whose attention takes the encoder's states as wide as they are.
///
/// There are two kinds. One begins as BART does, with learned positions and a layer norm behind the embeddings; the
/// other as fairseq's first Transformer, with sines and cosines, scaled words and no norm.
enum TrOCR {
  /// What makes fairseq's sinusoidal positions a module.
  static let ignoredKeys = ["embed_positions._float_tensor", "decoder.version"]

  static func makeDecoder(_ weights: WeightScope, _ c: TrOCRConfiguration) -> PostNormDecoder {
    let body = c.shared.body(weights)
    let embeddings = c.shared.embeddings(
      body, head: weights.joined("output_projection.weight"),
      positionTable: c.useLearnedPositionEmbeddings ? nil : c.sinusoidalPositions,
      hasNorm: c.layernormEmbedding)
    return PostNormDecoder(
      embeddings: embeddings,
      layers: (0..<c.shared.decoderLayers).map {
        PostNormLayer(
          bart: body["layers.\($0)"], c.shared, index: $0,
          imageWidth: c.crossAttentionHiddenSize ?? c.shared.dModel)
      },
      output: c.shared.head(weights["output_projection"], embeddings.words),
      positions: c.useLearnedPositionEmbeddings
        ? .countedFrom(BARTConfiguration.firstPosition) : .countedFromPadding(c.shared.padTokenID),
      vocabularySize: c.shared.vocabSize, width: c.shared.dModel,
      maximumLength: c.shared.maxPositionEmbeddings, crossAttentionWidth: c.crossAttentionHiddenSize,
      layerDrop: c.shared.decoderLayerdrop)
  }
}

/// Hugging Face's `TrOCRConfig`.
struct TrOCRConfiguration {
  /// What BART's has too.
  let shared: BARTConfiguration
  /// Whether positions are learned, rather than sines and cosines.
  let useLearnedPositionEmbeddings: Bool
  let layernormEmbedding: Bool
  /// The width of what keys and values of the attention to the image are made of; the decoder's own if nil.
  let crossAttentionHiddenSize: Int?

  /// - Throws: `JSONError` naming a field that doesn't fit.
  init(_ json: JSONField) throws {
    shared = try BARTConfiguration(json, maxPositionEmbeddings: 512)
    useLearnedPositionEmbeddings = try json["use_learned_position_embeddings"].value(default: true)
    layernormEmbedding = try json["layernorm_embedding"].value(default: true)
    let width = json["cross_attention_hidden_size"]
    crossAttentionHiddenSize = width.isPresent ? try width.size() : nil
    guard useLearnedPositionEmbeddings || shared.dModel > 3 else {
      throw json["d_model"].mismatch(expected: "at least 4, which sinusoidal positions need")
    }
    // No file holds the table, so that its size is checked against none.
    let positions = Self.mostSinusoids / shared.dModel - shared.padTokenID - 1
    guard useLearnedPositionEmbeddings || shared.maxPositionEmbeddings <= positions else {
      throw json["max_position_embeddings"].mismatch(
        expected: "at most \(max(0, positions)) sinusoidal positions of this width")
    }
  }

  private static let mostSinusoids = 1 << 26

  /// Sines of all frequencies, then their cosines (tensor2tensor's order): a table that no file holds and training
  /// doesn't change.
  ///
  /// Computed in float32 throughout, as in Transformers: far from the start, roundings of frequencies show.
  fileprivate var sinusoidalPositions: Parameter {
    let (width, half) = (shared.dModel, shared.dModel / 2)
    let rows = shared.maxPositionEmbeddings + shared.padTokenID + 1
    let step = Float(-log(10000) / Double(half - 1))
    let frequencies = (0..<half).map { exp(Float($0) * step) }
    let table = Tensor(shape: [rows, width]) { values in
      values.initialize(repeating: 0)
      for row in 0..<rows where row != shared.padTokenID {
        for (column, frequency) in frequencies.enumerated() {
          values[row * width + column] = sin(Float(row) * frequency)
          values[row * width + half + column] = cos(Float(row) * frequency)
        }
      }
    }
    return Parameter(name: "embed_positions", value: table)
  }
}
