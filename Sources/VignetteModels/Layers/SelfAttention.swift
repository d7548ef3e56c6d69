import VignetteTensors

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
