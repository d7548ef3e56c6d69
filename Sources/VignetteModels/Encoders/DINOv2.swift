import VignetteFiles
package import VignetteTensors

/// DINOv2 (Oquab et al., 2023) as Hugging Face's `Dinov2Model` computes it, and with registers (Darcet et al., 2023) as
/// its `Dinov2WithRegistersModel` does: tokens that stand nowhere in the image, for what the model has to note.
///
/// Images of any size are taken: positions are interpolated wherever they don't fit.
package struct DINOv2: VisionEncoder {
  let configuration: ViTConfiguration
  private let embeddings: VisionEmbeddings
  private let layers: [VisionLayer]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ json: JSONField) throws {
    let c = try ViTConfiguration(json, defaults: .init(layerNormEps: 1e-6, patchSize: 14, mlpRatio: 4))
    try self.init(
      weights, c, json,
      VisionEmbeddings(
        weights["embeddings"], c, specialTokens: ["cls_token"], .normal(c.initializerRange)))
  }

  init(withRegisters weights: WeightScope, _ json: JSONField) throws {
    let c = try ViTConfiguration(json, defaults: .init(layerNormEps: 1e-6, mlpRatio: 4))
    let registers = try json["num_register_tokens"].registers(default: 4)
    let scope = weights["embeddings"]
    try self.init(
      weights, c, json,
      VisionEmbeddings(
        scope, c, specialTokens: ["cls_token"],
        registers: scope.parameter("register_tokens", [1, registers, c.hiddenSize], .zeros),
        resampling: .antialiasedBicubic, .normal(c.initializerRange)))
  }

  private init(
    _ weights: WeightScope, _ c: ViTConfiguration, _ json: JSONField, _ embeddings: VisionEmbeddings
  ) throws {
    var options = c.layerOptions
    options.layerScale = try json["layerscale_value"].positive(default: 1)
    options.attentionDropPath = try json["drop_path_rate"].probability(default: 0)
    options.feedForwardDropPath = options.attentionDropPath
    var names = VisionLayerNames.dinov2
    if try json["use_swiglu_ffn"].value(default: false) {
      // Two thirds, which is as many weights, in whole eights.
      options.intermediateSize = (options.intermediateSize * 2 / 3 + 7) / 8 * 8
      options.feedForward = .gatedInOneMatrix
      options.activation = .silu
      (names.expand, names.contract) = ("mlp.weights_in", "mlp.weights_out")
    }
    configuration = c
    self.embeddings = embeddings
    layers = (0..<c.numHiddenLayers).map {
      VisionLayer(weights["encoder.layer.\($0)"], options, named: names)
    }
    norm = LayerNorm(weights["layernorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  /// What Transformers 5 calls the layers in memory, and in files that hold a `state_dict`.
  package static let renamings: [WeightScope.Renaming] = [
    ("attention.attention.query", "attention.q_proj"), ("attention.attention.key", "attention.k_proj"),
    ("attention.attention.value", "attention.v_proj"), ("attention.output.dense", "attention.o_proj"),
  ]

  /// What stands for masked patches in pretraining.
  package static let ignoredKeys = ["embeddings.mask_token"]

  package var width: Int { configuration.hiddenSize }
  package var channels: Int { configuration.numChannels }
  package var imageSize: (height: Int, width: Int) { configuration.imageSize }
  package var drawsInTraining: Bool { layers.contains(where: \.drawsInTraining) }

  package func layout(height: Int, width: Int) -> PatchLayout {
    embeddings.layout(height: height, width: width)
  }

  package func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    var x = try embeddings(pixelValues, interpolatePositions: true)
    for layer in layers { x = Tape.recomputed([x]) { layer($0[0]) } }
    return norm(x)
  }
}

extension JSONField {
  /// How many registers a model has.
  func registers(default fallback: Int) throws -> Int {
    let number = try value(default: fallback)
    guard (0...1024).contains(number) else { throw mismatch(expected: "an integer from 0 to 1024") }
    return number
  }
}

extension VisionLayerNames {
  fileprivate static let dinov2 = VisionLayerNames(
    attentionNorm: "norm1", attentionScale: "layer_scale1.lambda1", feedForwardNorm: "norm2",
    expand: "mlp.fc1", contract: "mlp.fc2", feedForwardScale: "layer_scale2.lambda1")
}
