import Foundation
package import VignetteFiles
package import VignetteTensors

/// SigLIP (Zhai et al., 2023) as Hugging Face's `SiglipModel` computes it: a vision Transformer whose output is pooled by
/// attention, and a text Transformer, whose embeddings say how probable it is that an image and a text belong together.
package final class SigLIP {
  package let parameters: [Parameter]
  private let vision: SigLIPVision
  private let pooling: SigLIPPooling
  private let text: ContrastiveText
  private let textHead: Linear
  private let logitScale: Parameter
  private let logitBias: Parameter
  private let padTokenID: Int32

  /// Builds the model that a config.json describes from weights of any source.
  ///
  /// - Throws: `JSONError` or ``ModelError``, each naming what is wrong.
  package init(_ json: JSONField, weights source: any WeightSource) throws {
    let c = try ContrastiveTextConfiguration(json["text_config"], .siglip)
    padTokenID = Int32(try json["text_config"]["pad_token_id"].token(below: c.vocabSize, default: 1))
    let builder = WeightBuilder(source)
    let images = builder.root(.vision)["vision_model"]
    vision = try SigLIPVision(images, json["vision_config"])
    let width = try json["text_config"]["projection_size"].size(default: c.hiddenSize)
    guard width == vision.width else {
      throw json["text_config"]["projection_size"].mismatch(
        expected: "the width of the vision part, \(vision.width)")
    }
    pooling = SigLIPPooling(images["head"], vision.configuration)
    let texts = builder.root(.text)["text_model"]
    text = ContrastiveText(texts, c)
    textHead = Linear(texts["head"], from: c.hiddenSize, to: width, deviation: 0.02)
    logitScale = builder.root(.bridge).parameter("logit_scale", [1], .zeros)
    logitBias = builder.root(.bridge).parameter("logit_bias", [1], .zeros)
    parameters = try builder.finish(ignoring: ["embeddings.position_ids"])
  }

  package var imageSize: (height: Int, width: Int) { vision.imageSize }
  package var vocabularySize: Int { text.configuration.vocabSize }
  /// How many tokens the rows of texts have that the model was trained with, and the most of a text, its end included.
  package var maximumLength: Int { text.configuration.maxPositionEmbeddings }

  /// Pixel values [I, channels, height, width] → embeddings [I, D], not normalised.
  ///
  /// - Throws: ``ModelError`` where the size doesn't fit the model, `TensorMemoryError`.
  package func embeddings(ofImages pixelValues: Tensor) throws -> Tensor {
    pooling(try vision.encode(pixelValues, interpolatePositions: false))
  }

  /// Texts' token ids, end included → embeddings [B, D], not normalised.
  ///
  /// Rows are filled up to ``maximumLength``, as those were that the model was trained with: it sees the padding, and the
  /// last token's output stands for the text.
  ///
  /// - Precondition: no text is longer than ``maximumLength``.
  package func embeddings(ofTexts texts: [[Int32]]) -> Tensor {
    let rows = texts.map { $0 + [Int32](repeating: padTokenID, count: maximumLength - $0.count) }
    return textHead(text(rows, at: texts.map { _ in maximumLength - 1 }), output: .float32)
  }

  /// The logit of a pair whose embeddings have this cosine.
  package func logit(cosine: Double) -> Double {
    func value(_ parameter: Parameter) -> Double { parameter.value.floats.first.map { Double($0) } ?? .nan }
    return cosine * exp(value(logitScale)) + value(logitBias)
  }
}

/// Attention of one learned vector to all of an image's states, and a feed-forward part behind it (Lee et al., 2018).
private struct SigLIPPooling {
  private let probe: Parameter
  private let project: Projections
  private let output: Linear
  private let feedForward: FeedForward
  private let options: AttentionOptions

  init(_ weights: WeightScope, _ c: ViTConfiguration) {
    let (width, options) = (c.hiddenSize, c.layerOptions)
    probe = weights.parameter("probe", [1, 1, width], .normal(options.deviation))
    project = .fused(
      Linear(attention: weights["attention"], width: width, deviation: options.deviation), parts: 3)
    output = Linear(weights["attention.out_proj"], from: width, to: width, deviation: options.deviation)
    feedForward = FeedForward(
      norm: LayerNorm(weights["layernorm"], width: width, epsilon: c.layerNormEps),
      expand: Linear(
        weights["mlp.fc1"], from: width, to: c.intermediateSize, deviation: options.deviation),
      contract: ResidualBranch(
        Linear(weights["mlp.fc2"], from: c.intermediateSize, to: width, deviation: options.deviation),
        dropout: 0),
      activation: c.hiddenAct)
    self.options = AttentionOptions(
      heads: c.numAttentionHeads, scale: 1 / Float(width / c.numAttentionHeads).squareRoot())
  }

  /// [I, S, C] → [I, C]
  func callAsFunction(_ hidden: Tensor) -> Tensor {
    let (images, width) = (hidden.shape[0], hidden.shape[2])
    let probes = Tensor(uninitialized: [images, 1, width])
    for image in 0..<images { probes.slice(image..<image + 1, axis: 0).assign(probe.value) }
    let parts = project(hidden)
    let mixed = attention(project(probes)[0], parts[1], parts[2], options)
    return feedForward(output(mixed, output: .float32)).reshaped(-1, width)
  }
}

extension Linear {
  /// The three projections of PyTorch's `nn.MultiheadAttention`, in one matrix.
  fileprivate init(attention weights: WeightScope, width: Int, deviation: Double) {
    weight = weights.parameter("in_proj_weight", [3 * width, width], .normal(deviation))
    bias = weights.parameter("in_proj_bias", [3 * width], .zeros)
    layout = .outputByInput
  }
}
