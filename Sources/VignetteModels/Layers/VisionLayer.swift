import VignetteTensors

/// A pre-norm Transformer layer over all tokens of an image.
struct VisionLayer {
  let norm: LayerNorm
  let attention: SelfAttention
  let feedForward: FeedForward

  /// [B, T, C] → [B, T, C]
  ///
  /// - Parameter bias: added to the attention's scores, [1, H, T, T].
  func callAsFunction(_ x: Tensor, bias: Tensor? = nil) -> Tensor {
    feedForward(attention.output(attention.mix(norm(x), bias: bias), adding: x))
  }
}

extension VisionLayer {
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
  var queryAndValueBias = true
  var keyBias = true
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

  /// A branch of the layer `weights` that ends in a projection from `width` inputs.
  func branch(
    _ weights: WeightScope, _ projection: String, from width: Int, scale: String, dropPath: Float
  ) -> ResidualBranch {
    ResidualBranch(
      Linear(weights[projection], from: width, to: self.width, deviation: deviation),
      layerScale: layerScale.map { weights.parameter(scale, [self.width], .constant($0)) },
      dropout: dropout, dropPath: dropPath)
  }
}

/// Attention of tokens to each other, in two halves: what it mixes, and what of that joins the residual stream.
struct SelfAttention {
  /// Query, key and value.
  let project: Projections
  let output: ResidualBranch
  let options: AttentionOptions

  /// Each token's mixture of values [B, T, C], before the output's projection.
  ///
  /// - Parameter bias: added to the scores, [G, H, T, T].
  func mix(_ x: Tensor, bias: Tensor? = nil) -> Tensor {
    var options = options
    options.bias = bias
    let parts = project(x)
    return attention(parts[0], parts[1], parts[2], options)
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
        linear(names.query, bias: options.queryAndValueBias), linear(names.key, bias: options.keyBias),
        linear(names.value, bias: options.queryAndValueBias),
      ]),
      output: options.branch(
        weights, names.attentionOutput, from: options.width, scale: names.attentionScale,
        dropPath: options.attentionDropPath),
      options: options.attention)
  }
}

/// The second half of a pre-norm layer: x + contract(activation(expand(norm(x)))).
struct FeedForward {
  let norm: LayerNorm
  let expand: Linear
  let contract: ResidualBranch
  let activation: Activation

  func callAsFunction(_ x: Tensor) -> Tensor {
    contract(expand(norm(x), activation: activation), adding: x)
  }
}

extension FeedForward {
  /// - Parameter weights: the scope of the layer.
  init(_ weights: WeightScope, _ options: VisionLayerOptions, named names: VisionLayerNames) {
    self.init(
      norm: LayerNorm(weights[names.feedForwardNorm], width: options.width, epsilon: options.epsilon),
      expand: Linear(
        weights[names.expand], from: options.width, to: options.intermediateSize,
        deviation: options.deviation),
      contract: options.branch(
        weights, names.contract, from: options.intermediateSize, scale: names.feedForwardScale,
        dropPath: options.feedForwardDropPath),
      activation: options.activation)
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

  func callAsFunction(_ x: Tensor, adding residual: Tensor) -> Tensor {
    guard layerScale != nil || dropPath > 0 && Tape.isDroppingOut(x, residual) else {
      return projection(x, adding: residual, dropout: dropout)
    }
    let branch = VignetteTensors.dropout(projection(x, output: residual.dtype), probability: dropout)
    let scaled = layerScale.map { VignetteTensors.layerScale(branch, $0) } ?? branch
    return residual + VignetteTensors.dropPath(scaled, probability: dropPath)
  }
}
