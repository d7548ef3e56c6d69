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
  /// A layer of ViT, DeiT or BEiT, by their names.
  init(_ weights: WeightScope, _ options: VisionLayerOptions) {
    func scale(_ name: String) -> Parameter? {
      options.layerScale.map { weights.parameter(name, [options.width], .constant($0)) }
    }
    self.init(
      norm: LayerNorm(weights["layernorm_before"], width: options.width, epsilon: options.epsilon),
      attention: SelfAttention(
        weights, projections: "attention.attention", options, scale: scale("lambda_1")),
      feedForward: FeedForward(weights, options, scale: scale("lambda_2")))
  }
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

  /// A branch that ends in a layer from `width` inputs.
  func branch(_ weights: WeightScope, from width: Int, scale: Parameter?, dropPath: Float) -> ResidualBranch {
    ResidualBranch(
      Linear(weights, from: width, to: self.width, deviation: deviation),
      layerScale: scale, dropout: dropout, dropPath: dropPath)
  }
}

/// Attention of tokens to each other, in two halves: what it mixes, and what of that joins the residual stream.
struct SelfAttention {
  let query: Linear
  let key: Linear
  let value: Linear
  let output: ResidualBranch
  let options: AttentionOptions

  /// Each token's mixture of values [B, T, C], before the output's projection.
  ///
  /// - Parameter bias: added to the scores, [G, H, T, T].
  func mix(_ x: Tensor, bias: Tensor? = nil) -> Tensor {
    var options = options
    options.bias = bias
    return attention(query(x), key(x), value(x), options)
  }
}

extension SelfAttention {
  /// The attention of ViT and its kin, by their names.
  ///
  /// - Parameters:
  ///   - weights: the scope of a layer.
  ///   - projections: where its query, key and value stand.
  ///   - scale: the factors of its output's channels, if any.
  init(_ weights: WeightScope, projections: String, _ options: VisionLayerOptions, scale: Parameter? = nil) {
    func linear(_ name: String, bias: Bool) -> Linear {
      Linear(
        weights[projections][name], from: options.width, to: options.width, bias: bias,
        deviation: options.deviation)
    }
    self.init(
      query: linear("query", bias: options.queryAndValueBias), key: linear("key", bias: options.keyBias),
      value: linear("value", bias: options.queryAndValueBias),
      output: options.branch(
        weights["attention.output.dense"], from: options.width, scale: scale,
        dropPath: options.attentionDropPath),
      options: AttentionOptions(
        heads: options.heads, scale: 1 / Float(options.width / options.heads).squareRoot(),
        dropout: options.attentionDropout))
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
  /// The second half of a layer of ViT and its kin, by their names.
  ///
  /// - Parameter weights: the scope of a layer.
  init(_ weights: WeightScope, _ options: VisionLayerOptions, scale: Parameter? = nil) {
    self.init(
      norm: LayerNorm(weights["layernorm_after"], width: options.width, epsilon: options.epsilon),
      expand: Linear(
        weights["intermediate.dense"], from: options.width, to: options.intermediateSize,
        deviation: options.deviation),
      contract: options.branch(
        weights["output.dense"], from: options.intermediateSize, scale: scale,
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
