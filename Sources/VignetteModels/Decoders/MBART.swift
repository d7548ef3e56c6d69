import VignetteTensors

/// mBART's decoder (Liu et al., 2020), as Hugging Face's `MBartForCausalLM` computes it: BART's with each layer norm
/// before what it normalises for, and one more behind the layers.
enum MBART {
  static func makeDecoder(_ weights: WeightScope, _ c: BARTConfiguration) -> PreNormDecoder {
    let body = c.body(weights)
    let embeddings = c.embeddings(body, head: weights.joined("lm_head.weight"))
    return PreNormDecoder(
      embeddings: embeddings,
      layers: (0..<c.decoderLayers).map { PreNormLayer(mBART: body["layers.\($0)"], c, index: $0) },
      norm: c.norm(body["layer_norm"]), output: c.head(weights["lm_head"], embeddings.words),
      positions: .countedFrom(BARTConfiguration.firstPosition), vocabularySize: c.vocabSize, width: c.dModel,
      maximumLength: c.maxPositionEmbeddings, layerDrop: c.decoderLayerdrop)
  }
}

extension PreNormLayer {
  fileprivate init(mBART weights: WeightScope, _ c: BARTConfiguration, index: Int) {
    self.init(
      selfNorm: c.norm(weights["self_attn_layer_norm"]),
      selfAttention: DecoderSelfAttention(bart: weights["self_attn"], c, index: index),
      crossNorm: c.norm(weights["encoder_attn_layer_norm"]),
      crossAttention: DecoderCrossAttention(
        bart: weights["encoder_attn"], c, index: index, imageWidth: c.dModel),
      feedForwardNorm: c.norm(weights["final_layer_norm"]), expand: c.expand(weights),
      contract: c.contract(weights), activation: c.activationFunction, dropout: c.dropout,
      activationDropout: c.activationDropout)
  }
}
