import Foundation
import VignetteFiles
package import VignetteTensors

/// DINOv3's Vision Transformer (Siméoni et al., 2025) as Hugging Face's `DINOv3ViTModel` computes it: where a patch
/// stands turns its queries and keys, and no table of positions is learned.
///
/// Images of any size are taken.
package struct DINOv3: VisionEncoder {
  let configuration: ViTConfiguration
  private let embeddings: VisionEmbeddings
  private let positions: DINOv3Positions
  private let layers: [VisionLayer]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ json: JSONField) throws {
    let c = try ViTConfiguration(
      json,
      defaults: .init(
        hiddenSize: 384, heads: 6, intermediateSize: 1536, layerNormEps: 1e-5,
        attentionDropout: "attention_dropout"))
    configuration = c
    let scope = weights["embeddings"]
    let registers = try json["num_register_tokens"].registers(default: 0)
    embeddings = VisionEmbeddings(
      configuration: c,
      patches: PatchEmbedding(
        scope["patch_embeddings"], channels: c.numChannels, patchSize: c.patchSize, to: c.hiddenSize,
        deviation: c.initializerRange),
      specialTokens: [scope.parameter("cls_token", [1, 1, c.hiddenSize], .normal(c.initializerRange))],
      positions: nil,
      registers: scope.parameter(
        "register_tokens", [1, registers, c.hiddenSize], .normal(c.initializerRange)))
    positions = try DINOv3Positions(json, c)
    let options = try Self.layerOptions(json, c)
    layers = (0..<c.numHiddenLayers).map { VisionLayer(weights["layer.\($0)"], options, named: .dinov3) }
    norm = LayerNorm(weights["norm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  private static func layerOptions(_ json: JSONField, _ c: ViTConfiguration) throws -> VisionLayerOptions {
    var options = c.layerOptions
    options.queryBias = try json["query_bias"].value(default: true)
    options.keyBias = try json["key_bias"].value(default: false)
    options.valueBias = try json["value_bias"].value(default: true)
    options.attentionOutputBias = try json["proj_bias"].value(default: true)
    options.feedForwardBias = try json["mlp_bias"].value(default: true)
    options.feedForward = try json["use_gated_mlp"].value(default: false) ? .gated : .plain
    options.layerScale = try json["layerscale_value"].positive(default: 1)
    options.attentionDropPath = try json["drop_path_rate"].probability(default: 0)
    options.feedForwardDropPath = options.attentionDropPath
    return options
  }

  /// What Transformers calls the layers in memory, and in files that hold a `state_dict`.
  package static let renamings: [WeightScope.Renaming] = [("layer.", "model.layer.")]

  /// What stands for masked patches in pretraining.
  package static let ignoredKeys = ["embeddings.mask_token"]

  package var width: Int { configuration.hiddenSize }
  package var channels: Int { configuration.numChannels }
  package var imageSize: (height: Int, width: Int) { configuration.imageSize }
  package var drawsInTraining: Bool { positions.isVaried || layers.contains(where: \.drawsInTraining) }

  package func layout(height: Int, width: Int) -> PatchLayout {
    embeddings.layout(height: height, width: width)
  }

  package func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    var x = try embeddings(pixelValues, interpolatePositions: true)
    let grid = embeddings.patches.grid(height: pixelValues.shape[2], width: pixelValues.shape[3])
    var generator = positions.isVaried ? trainingGenerator(x) : nil
    let rotation = positions.rotation(grid, varying: &generator)
    for layer in layers { x = Tape.recomputed([x]) { layer($0[0], rotation: rotation) } }
    return norm(x)
  }
}

/// Rotary positions of patches. An image reaches from −1 to 1 in both directions, whatever its size.
private struct DINOv3Positions {
  /// Turns for each unit of a coordinate, a quarter as many as a head has elements.
  let frequencies: [Float]
  /// How far coordinates may be moved, stretched in either direction, and stretched in both, in training.
  let shift: Float?
  let jitter: Float?
  let rescale: Float?

  init(_ json: JSONField, _ c: ViTConfiguration) throws {
    let headSize = c.hiddenSize / c.numAttentionHeads
    guard headSize % 4 == 0 else {
      throw json["num_attention_heads"].mismatch(
        expected: "heads of a size that is a multiple of 4, which rotary positions in two directions need")
    }
    let base = Float(try json["rope_theta"].positive(default: 100))
    let step = Float(4) / Float(headSize)
    frequencies = (0..<headSize / 4).map { 1 / pow(base, Float($0) * step) }
    func variation(_ name: String, default fallback: Float?) throws -> Float? {
      guard case nil = try json.value(as: JSONObject.self)[name] else {
        return json[name].isPresent ? Float(try json[name].positive(default: 1)) : nil
      }
      return fallback
    }
    shift = try variation("pos_embed_shift", default: nil)
    jitter = try variation("pos_embed_jitter", default: nil)
    rescale = try variation("pos_embed_rescale", default: 2)
  }

  /// Whether training moves or stretches coordinates.
  var isVaried: Bool { shift != nil || jitter != nil || rescale != nil }

  /// - Parameter generator: what coordinates are varied with, if they are.
  func rotation(_ grid: Grid, varying generator: inout RandomGenerator?) -> Rotation {
    let (down, across) = coordinates(grid, &generator)
    func table(_ function: (Float) -> Float) -> Tensor {
      Tensor(shape: [grid.count, 2 * frequencies.count]) { values in
        for patch in 0..<grid.count {
          let place = [down[patch / grid.columns], across[patch % grid.columns]]
          for i in 0..<2 * frequencies.count {
            let angle = 2 * .pi * place[i / frequencies.count] * frequencies[i % frequencies.count]
            values[patch * 2 * frequencies.count + i] = function(angle)
          }
        }
      }
    }
    return Rotation(cosines: table { cos($0) }, sines: table { sin($0) })
  }

  /// Those of the patches' centres.
  private func coordinates(_ grid: Grid, _ generator: inout RandomGenerator?) -> (
    down: [Float], across: [Float]
  ) {
    func centers(_ count: Int) -> [Float] { (0..<count).map { 2 * ((Float($0) + 0.5) / Float(count)) - 1 } }
    var axes = [centers(grid.rows), centers(grid.columns)]
    guard var drawing = generator else { return (axes[0], axes[1]) }
    func uniform(_ bound: Float) -> Float { (2 * Float(drawing.uniform()) - 1) * bound }
    if let shift {
      for axis in 0..<2 {
        let distance = uniform(shift)
        axes[axis] = axes[axis].map { $0 + distance }
      }
    }
    if let jitter {
      for axis in 0..<2 {
        let factor = exp(uniform(log(jitter)))
        axes[axis] = axes[axis].map { $0 * factor }
      }
    }
    if let rescale {
      let factor = exp(uniform(log(rescale)))
      axes = axes.map { $0.map { $0 * factor } }
    }
    generator = drawing
    return (axes[0], axes[1])
  }
}

extension VisionLayerNames {
  fileprivate static let dinov3 = VisionLayerNames(
    attentionNorm: "norm1", query: "attention.q_proj", key: "attention.k_proj", value: "attention.v_proj",
    attentionOutput: "attention.o_proj", attentionScale: "layer_scale1.lambda1", feedForwardNorm: "norm2",
    gate: "mlp.gate_proj", expand: "mlp.up_proj", contract: "mlp.down_proj",
    feedForwardScale: "layer_scale2.lambda1")
}
