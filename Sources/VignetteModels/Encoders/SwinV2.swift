import Foundation
import VignetteFiles
package import VignetteTensors

/// Swin Transformer V2 (Liu et al., 2022) as Hugging Face's `Swinv2Model` computes it: scores are cosines, the bias of a
/// distance comes from a small network rather than a table, and norms stand behind what they normalise.
///
/// Images of any size are taken; windows are as large as those of images of the configured size.
package struct SwinV2: VisionEncoder {
  let configuration: SwinConfiguration
  private let embeddings: SwinEmbeddings
  private let stages: [SwinV2Stage]
  private let norm: LayerNorm

  init(_ weights: WeightScope, _ json: JSONField) throws {
    let c = try SwinConfiguration(json, needsWholeWindows: false)
    guard !c.useAbsoluteEmbeddings else {
      throw json["use_absolute_embeddings"].mismatch(
        expected: "false: Transformers makes a position too many for these, and fails")
    }
    configuration = c
    embeddings = SwinEmbeddings(weights["embeddings"], c)
    let windows = try SwinV2Windows(json, c)
    stages = c.depths.indices.map {
      SwinV2Stage(weights["encoder.layers.\($0)"], c, windows, index: $0)
    }
    norm = LayerNorm(weights["layernorm"], width: c.hiddenSize, epsilon: c.layerNormEps)
  }

  /// What models for classification and masked images add, and what is computed here.
  package static let ignoredKeys = [
    "mask_token", "classifier.weight", "classifier.bias", "relative_position_index", "relative_coords_table",
  ]

  package var width: Int { configuration.hiddenSize }
  package var channels: Int { configuration.numChannels }
  package var imageSize: (height: Int, width: Int) { configuration.imageSize }
  package var drawsInTraining: Bool { configuration.deepestLayerOptions.drawsInTraining }

  package func layout(height: Int, width: Int) -> PatchLayout {
    configuration.layout(height: height, width: width)
  }

  package func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor {
    let grid = configuration.grid(height: pixelValues.shape[2], width: pixelValues.shape[3])
    guard grid.count > 0 else { throw ModelError.imageSize(of: pixelValues, expected: imageSize, channels) }
    let grids = configuration.grids(from: grid)
    let size = (height: pixelValues.shape[2], width: pixelValues.shape[3])
    for (stage, grid) in zip(stages, grids) { try stage.requireMemory(grid, image: size) }
    var x = try embeddings(pixelValues, grid, interpolatePositions: interpolatePositions)
    for (stage, grid) in zip(stages, grids) { x = stage(x, grid) }
    return norm(x)
  }
}

/// The windows of each stage.
private struct SwinV2Windows {
  /// Patches along a window's side.
  let sizes: [Int]
  /// How far every second layer moves the map.
  let shifts: [Int]
  /// The side of the windows that distances are measured by; 0 for the windows themselves.
  let pretrainedSizes: [Int]

  /// A window is no higher than the feature map, as Hugging Face counts that: whole patches, halves rounded down.
  init(_ json: JSONField, _ c: SwinConfiguration) throws {
    let rows = c.depths.indices.map { (c.imageSize.height / c.patchSize.height) >> $0 }
    guard rows.allSatisfy({ $0 > 0 }) else {
      throw json["depths"].mismatch(expected: "no more stages than an image of image_size can be halved")
    }
    sizes = rows.map { min($0, c.windowSize) }
    // No file holds what is computed for each pair of patches, so that its size is checked against none.
    guard sizes.allSatisfy({ $0 <= Self.largestSide }) else {
      throw json["window_size"].mismatch(expected: "a window of at most \(Self.largestSide) patches")
    }
    shifts = zip(rows, sizes).map { $0 <= $1 ? 0 : c.windowSize / 2 }
    let field = json["pretrained_window_sizes"]
    let given: [Int] = try field.optional() ?? [Int](repeating: 0, count: c.depths.count)
    guard given.count >= c.depths.count, given.allSatisfy({ (0...1 << 14).contains($0) && $0 != 1 }) else {
      throw field.mismatch(
        expected: "for each of the \(c.depths.count) stages 0 or a window's side, at least 2")
    }
    pretrainedSizes = given
  }

  private static let largestSide = 64
}

/// The bias of each way in which two of a window's patches lie to each other, as a network of two layers says it.
private struct SwinV2PositionBias {
  let expand: Linear
  let contract: Linear
  /// [ways, 2]
  let coordinates: Tensor

  init(_ weights: WeightScope, _ options: VisionLayerOptions, window: Int, pretrained: Int) {
    let hidden = 512
    expand = Linear(weights["0"], from: 2, to: hidden, deviation: options.deviation)
    contract = Linear(
      weights["2"], from: hidden, to: options.heads, bias: false, deviation: options.deviation)
    coordinates = Self.coordinates(window: window, pretrained: pretrained)
  }

  /// Distances down and across, ±8 at the window's edge, by the logarithm of their size.
  private static func coordinates(window: Int, pretrained: Int) -> Tensor {
    let reach = Float(pretrained > 0 ? pretrained - 1 : max(1, window - 1))
    let distances = (1 - window..<window).map { distance -> Float in
      let scaled = 8 * (Float(distance) / reach)
      return (scaled < 0 ? -1 : 1) * log2(abs(scaled) + 1) / log2(8)
    }
    return Tensor(
      distances.flatMap { down in distances.flatMap { across in [down, across] } },
      shape: [distances.count * distances.count, 2])
  }

  /// [ways, H], between 0 and 16.
  func callAsFunction(on tape: Tape?) -> Tensor {
    let hidden = expand(tape?.watch(coordinates) ?? coordinates, activation: .relu)
    return scaled(activate(contract(hidden, output: .float32), .sigmoid), by: 16)
  }
}

/// Attention within windows by the cosine of queries and keys, times a factor that each head learns.
private struct SwinV2Attention {
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  let logitScale: Parameter
  let positionBias: SwinV2PositionBias
  let options: AttentionOptions

  init(_ weights: WeightScope, _ options: VisionLayerOptions, window: Int, pretrained: Int) {
    func linear(_ name: String, bias: Bool) -> Linear {
      Linear(weights[name], from: options.width, to: options.width, bias: bias, deviation: options.deviation)
    }
    query = linear("self.query", bias: options.queryBias)
    key = linear("self.key", bias: false)
    value = linear("self.value", bias: options.valueBias)
    output = linear("output.dense", bias: true)
    logitScale = weights.parameter("self.logit_scale", [options.heads, 1, 1], .constant(log(10)))
    positionBias = SwinV2PositionBias(
      weights["self.continuous_position_bias_mlp"], options, window: window, pretrained: pretrained)
    self.options = AttentionOptions(heads: options.heads, scale: 1, dropout: options.attentionDropout)
  }

  /// [B, T, C] → [B, T, C] float32
  func callAsFunction(_ x: Tensor, _ windows: SwinWindows) -> Tensor {
    let tape = Tape.of(x)
    let cut = windows.cut(x).cast(to: query.weight.precision.dtype)
    var options = options
    options.bias = relativePositionBias(
      positionBias(on: tape), index: windows.relativePositions.index,
      queries: windows.relativePositions.tokens, mask: windows.mask)
    let scales = exponential(logitScale, upTo: log(100), on: tape)
    let mixed = attention(
      unitHeads(query(cut), heads: options.heads, scales: scales), unitHeads(key(cut), heads: options.heads),
      value(cut), options)
    return dropout(output(windows.join(mixed), output: .float32), probability: options.dropout)
  }
}

/// A layer whose norms stand at the end of its branches.
private struct SwinV2Layer {
  let attention: SwinV2Attention
  let attentionNorm: LayerNorm
  let expand: Linear
  let contract: Linear
  let feedForwardNorm: LayerNorm
  let options: VisionLayerOptions

  init(_ weights: WeightScope, _ options: VisionLayerOptions, window: Int, pretrained: Int) {
    attention = SwinV2Attention(weights["attention"], options, window: window, pretrained: pretrained)
    attentionNorm = LayerNorm(weights["layernorm_before"], width: options.width, epsilon: options.epsilon)
    expand = Linear(
      weights["intermediate.dense"], from: options.width, to: options.intermediateSize,
      deviation: options.deviation)
    contract = Linear(
      weights["output.dense"], from: options.intermediateSize, to: options.width, deviation: options.deviation
    )
    feedForwardNorm = LayerNorm(weights["layernorm_after"], width: options.width, epsilon: options.epsilon)
    self.options = options
  }

  func callAsFunction(_ x: Tensor, _ windows: SwinWindows) -> Tensor {
    let attended = join(attentionNorm, attention(x, windows), to: x)
    let expanded = expand(attended, activation: options.activation)
    return join(
      feedForwardNorm, dropout(contract(expanded, output: .float32), probability: options.dropout),
      to: attended)
  }

  private func join(_ norm: LayerNorm, _ branch: Tensor, to residual: Tensor) -> Tensor {
    residual + dropPath(norm(branch, output: .float32), probability: options.attentionDropPath)
  }
}

/// Four adjacent patches made one of twice the width.
private struct SwinV2Merging {
  let reduction: Linear
  let norm: LayerNorm

  init(_ weights: WeightScope, width: Int, deviation: Double) {
    reduction = Linear(
      weights["reduction"], from: 4 * width, to: 2 * width, bias: false, deviation: deviation)
    norm = LayerNorm(weights["norm"], width: 2 * width, epsilon: SwinConfiguration.outerNormEpsilon)
  }

  /// [B, patches, C] → [B, half as many rows and columns, 2C]
  func callAsFunction(_ x: Tensor, _ grid: Grid) -> Tensor {
    let merged = gatherTokens(x, .merging(grid)).reshaped(x.shape[0], grid.halved.count, 4 * x.shape[2])
    return norm(reduction(merged, output: .float32), output: .float32)
  }
}

/// Layers on one feature map, every second with shifted windows, and the step to the next map.
private struct SwinV2Stage {
  let layers: [SwinV2Layer]
  let merging: SwinV2Merging?
  let windowSize: Int
  let shift: Int
  let heads: Int

  init(_ weights: WeightScope, _ c: SwinConfiguration, _ windows: SwinV2Windows, index: Int) {
    let before = c.depths[..<index].reduce(0, +)
    let size = windows.sizes[index]
    layers = (0..<c.depths[index]).map {
      SwinV2Layer(
        weights["blocks.\($0)"], c.layerOptions(stage: index, layer: before + $0), window: size,
        pretrained: windows.pretrainedSizes[index])
    }
    merging =
      index + 1 < c.depths.count
      ? SwinV2Merging(weights["downsample"], width: c.width(index), deviation: c.initializerRange) : nil
    (windowSize, shift, heads) = (size, windows.shifts[index], c.numHeads[index])
  }

  func requireMemory(_ grid: Grid, image: (height: Int, width: Int)) throws(TensorMemoryError) {
    try SwinWindows.requireMemory(
      grid, size: windowSize, shift: shift, layers: layers.count, heads: heads, image: image)
  }

  func callAsFunction(_ x: Tensor, _ grid: Grid) -> Tensor {
    // Hugging Face adds the mask twice.
    let windows = SwinWindows.alternating(
      grid, size: windowSize, shift: shift, layers: layers.count, penalty: -200)
    var x = x
    for (i, layer) in layers.enumerated() {
      x = Tape.recomputed([x]) { layer($0[0], windows[i % windows.count]) }
    }
    return merging.map { $0(x, grid) } ?? x
  }
}
