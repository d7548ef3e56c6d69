import VignetteTensors

/// A decoder layer of the original Transformer (Vaswani et al., 2017): attention to the tokens, attention to
/// the image, feed-forward, each added to its input and then normalised.
///
/// What runs from norm to norm is float32, whatever products compute in.
struct PostNormLayer {
  let selfAttention: DecoderSelfAttention
  let selfNorm: LayerNorm
  let crossAttention: DecoderCrossAttention
  let crossNorm: CrossNorm
  let expand: Linear
  let contract: Linear
  let activation: Activation
  /// What share of the feed-forward's output is dropped.
  let dropout: Float
  let norm: LayerNorm

  /// Where the layer norm of the attention to the image stands.
  enum CrossNorm {
    /// norm(x + attention(x))
    case after(LayerNorm)
    /// x + attention(norm(x)), which is x where attention gives nothing.
    case before(LayerNorm)
  }

  /// [..., C] → [..., C], both float32.
  func callAsFunction(_ x: Tensor, _ context: DecoderContext) -> Tensor {
    let attended = selfNorm(selfAttention(x, adding: x, context), output: .float32)
    let x = attendToImage(attended, context)
    return norm(contract(expand(x, activation: activation), adding: x, dropout: dropout), output: .float32)
  }

  private func attendToImage(_ x: Tensor, _ context: DecoderContext) -> Tensor {
    switch crossNorm {
    case .after(let norm): norm(crossAttention(x, adding: x, context), output: .float32)
    case .before(let norm): crossAttention(norm(x), adding: x, context)
    }
  }
}
