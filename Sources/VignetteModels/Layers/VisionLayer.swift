import VignetteTensors

/// A pre-norm Transformer layer over all tokens of an image.
struct VisionLayer {
  let norm: LayerNorm
  let attention: SelfAttention
  let feedForward: FeedForward

  /// [B, T, C] → [B, T, C]
  ///
  /// - Parameters:
  ///   - bias: added to the attention's scores, [1, H, T, T].
  ///   - rotation: where the tokens stand, for queries and keys.
  func callAsFunction(_ x: Tensor, bias: Tensor? = nil, rotation: Rotation? = nil) -> Tensor {
    feedForward(attention.output(attention.mix(norm(x), bias: bias, rotation: rotation), adding: x))
  }
}

extension VisionLayer {
  /// Whether training drops something of it out.
  var drawsInTraining: Bool {
    attention.options.dropout > 0 || attention.output.drawsInTraining || feedForward.contract.drawsInTraining
  }

  /// - Parameter weights: the scope of the layer.
  init(_ weights: WeightScope, _ options: VisionLayerOptions, named names: VisionLayerNames = .vit) {
    self.init(
      norm: LayerNorm(weights[names.attentionNorm], width: options.width, epsilon: options.epsilon),
      attention: SelfAttention(weights, options, named: names),
      feedForward: FeedForward(weights, options, named: names))
  }
}

/// What checkpoints call the parts of a pre-norm layer.
struct VisionLayerNames {
  var attentionNorm = "layernorm_before"
  var query = "attention.attention.query"
  var key = "attention.attention.key"
  var value = "attention.attention.value"
  var attentionOutput = "attention.output.dense"
  var attentionScale = "lambda_1"
  var feedForwardNorm = "layernorm_after"
  /// What the feed-forward part multiplies its expansion by, where it does and that has a matrix of its own.
  var gate = "mlp.gate_proj"
  var expand = "intermediate.dense"
  var contract = "output.dense"
  var feedForwardScale = "lambda_2"

  /// ViT, DeiT and BEiT.
  static let vit = VisionLayerNames()
}

/// What the pre-norm layers of vision Transformers differ in.
struct VisionLayerOptions {
  var width: Int
  var heads: Int
  var intermediateSize: Int
  var activation: Activation
  var epsilon: Float
  /// The standard deviation that weights begin with.
  var deviation: Double
  var queryBias = true
  var keyBias = true
  var valueBias = true
  var attentionOutputBias = true
  var feedForwardBias = true
  var feedForward = FeedForwardKind.plain
  var dropout: Float = 0
  var attentionDropout: Float = 0
  /// The share of images that skip the attention, in training.
  var attentionDropPath: Float = 0
  /// The share of images that skip the feed-forward part, in training.
  var feedForwardDropPath: Float = 0
  /// What the factors of each branch's channels begin with; nil for no factors.
  var layerScale: Double?
  /// Whether a token may see only itself and what comes before it, as in a text.
  var isCausal = false

  var attention: AttentionOptions {
    AttentionOptions(
      heads: heads, scale: 1 / Float(width / heads).squareRoot(), isCausal: isCausal,
      dropout: attentionDropout)
  }

  /// Whether training drops something of such a layer out.
  var drawsInTraining: Bool {
    [dropout, attentionDropout, attentionDropPath, feedForwardDropPath].contains { $0 > 0 }
  }

  /// A branch of the layer `weights` that ends in a projection from `width` inputs.
  func branch(
    _ weights: WeightScope, _ projection: String, from width: Int, bias: Bool, scale: String, dropPath: Float
  ) -> ResidualBranch {
    ResidualBranch(
      Linear(weights[projection], from: width, to: self.width, bias: bias, deviation: deviation),
      layerScale: layerScale.map { weights.parameter(scale, [self.width], .constant($0)) },
      dropout: dropout, dropPath: dropPath)
  }
}

/// The ways in which a feed-forward part expands its input.
enum FeedForwardKind {
  /// activation(W x)
  case plain
  /// activation(W x) ⊙ V x (Shazeer, 2020), W and V with names of their own.
  case gated
  /// The same, W above V in one matrix.
  case gatedInOneMatrix
}

/// Attention of tokens to each other, in two halves: what it mixes, and what of that joins the residual stream.
struct SelfAttention {
  /// Query, key and value.
  let project: Projections
  let output: ResidualBranch
  let options: AttentionOptions

  /// Each token's mixture of values [B, T, C], before the output's projection.
  ///
  /// - Parameters:
  ///   - bias: added to the scores, [G, H, T, T].
  ///   - rotation: where the tokens stand, for queries and keys.
  func mix(_ x: Tensor, bias: Tensor? = nil, rotation: Rotation? = nil) -> Tensor {
    var options = options
    options.bias = bias
    let parts = project(x)
    guard let rotation else { return attention(parts[0], parts[1], parts[2], options) }
    let turned = parts[..<2].map { rotate($0, rotation, heads: options.heads) }
    return attention(turned[0], turned[1], parts[2], options)
  }
}

extension SelfAttention {
  /// - Parameter weights: the scope of the layer.
  init(_ weights: WeightScope, _ options: VisionLayerOptions, named names: VisionLayerNames) {
    func linear(_ name: String, bias: Bool) -> Linear {
      Linear(
        weights[name], from: options.width, to: options.width, bias: bias, deviation: options.deviation)
    }
    self.init(
      project: .separate([
        linear(names.query, bias: options.queryBias), linear(names.key, bias: options.keyBias),
        linear(names.value, bias: options.valueBias),
      ]),
      output: options.branch(
        weights, names.attentionOutput, from: options.width, bias: options.attentionOutputBias,
        scale: names.attentionScale, dropPath: options.attentionDropPath),
      options: options.attention)
  }
}

/// The second half of a pre-norm layer: x + contract(expand(norm(x))).
struct FeedForward {
  let norm: LayerNorm
  let expand: Expansion
  let contract: ResidualBranch

  func callAsFunction(_ x: Tensor) -> Tensor { contract(expand(norm(x)), adding: x) }
}

/// What a feed-forward part makes of its input before it contracts it.
enum Expansion {
  case plain(Linear, Activation)
  /// Of two parts, the activation of the first times the second.
  case gated(Projections, Activation)

  func callAsFunction(_ x: Tensor) -> Tensor {
    switch self {
    case .plain(let linear, let activation): return linear(x, activation: activation)
    case .gated(let project, let activation):
      let parts = project(x)
      return activate(parts[0], activation) * parts[1]
    }
  }
}

extension FeedForward {
  init(norm: LayerNorm, expand: Linear, contract: ResidualBranch, activation: Activation) {
    self.init(norm: norm, expand: .plain(expand, activation), contract: contract)
  }

  /// - Parameter weights: the scope of the layer.
  init(_ weights: WeightScope, _ options: VisionLayerOptions, named names: VisionLayerNames) {
    self.init(
      norm: LayerNorm(weights[names.feedForwardNorm], width: options.width, epsilon: options.epsilon),
      expand: Expansion(weights, options, named: names),
      contract: options.branch(
        weights, names.contract, from: options.intermediateSize, bias: options.feedForwardBias,
        scale: names.feedForwardScale, dropPath: options.feedForwardDropPath))
  }
}

extension Expansion {
  init(_ weights: WeightScope, _ options: VisionLayerOptions, named names: VisionLayerNames) {
    func linear(_ name: String, to output: Int) -> Linear {
      Linear(
        weights[name], from: options.width, to: output, bias: options.feedForwardBias,
        deviation: options.deviation)
    }
    let size = options.intermediateSize
    self =
      switch options.feedForward {
      case .plain: .plain(linear(names.expand, to: size), options.activation)
      case .gated:
        .gated(
          .separate([linear(names.gate, to: size), linear(names.expand, to: size)]), options.activation)
      case .gatedInOneMatrix:
        .gated(.fused(linear(names.expand, to: 2 * size), parts: 2), options.activation)
      }
  }
}

/// A linear layer whose result joins the residual stream: residual + dropPath(λ ⊙ dropout(x Wᵀ + b)).
struct ResidualBranch {
  let projection: Linear
  /// λ: a learned factor for each channel; nil for none.
  let layerScale: Parameter?
  let dropout: Float
  let dropPath: Float

  init(_ projection: Linear, layerScale: Parameter? = nil, dropout: Float, dropPath: Float = 0) {
    self.projection = projection
    self.layerScale = layerScale
    self.dropout = dropout
    self.dropPath = dropPath
  }

  var drawsInTraining: Bool { dropout > 0 || dropPath > 0 }

  func callAsFunction(_ x: Tensor, adding residual: Tensor) -> Tensor {
    guard layerScale != nil || dropPath > 0 && Tape.isDroppingOut(x, residual) else {
      return projection(x, adding: residual, dropout: dropout)
    }
    let branch = VignetteTensors.dropout(projection(x, output: residual.dtype), probability: dropout)
    let scaled = layerScale.map { VignetteTensors.layerScale(branch, $0) } ?? branch
    return residual + VignetteTensors.dropPath(scaled, probability: dropPath)
  }
}
