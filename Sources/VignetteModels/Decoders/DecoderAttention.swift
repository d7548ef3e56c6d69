import VignetteTensors

/// Attention of a decoder's tokens to themselves and the ones before, whole or one token at a time.
struct DecoderSelfAttention {
  /// Query, key and value.
  let project: Projections
  let output: Linear
  let options: AttentionOptions
  /// What share of the output is dropped.
  let dropout: Float
  /// Its index in the cache.
  let layer: Int

  /// residual + the attention's output: [B, T, C], or [R, C] with a cache.
  func callAsFunction(_ x: Tensor, adding residual: Tensor, _ context: DecoderContext?) -> Tensor {
    let parts = project(x)
    let mixed =
      context?.cache?.attend(
        layer: layer, query: parts[0], key: parts[1], value: parts[2], heads: options.heads,
        scale: options.scale)
      ?? attention(parts[0], parts[1], parts[2], options)
    return output(mixed, adding: residual, dropout: dropout)
  }
}

/// Attention of a decoder's tokens to the image, whose keys and values a cache makes once.
struct DecoderCrossAttention {
  let query: Linear
  let keysAndValues: Projections
  let output: Linear
  let options: AttentionOptions
  /// What share of the output is dropped.
  let dropout: Float
  /// Its index in the cache.
  let layer: Int

  /// residual + the attention's output: [B, T, C], or [R, C] with a cache.
  func callAsFunction(_ x: Tensor, adding residual: Tensor, _ context: DecoderContext) -> Tensor {
    output(attend(query(x), context), adding: residual, dropout: dropout)
  }

  private func attend(_ query: Tensor, _ context: DecoderContext) -> Tensor {
    func projectImage() -> (Tensor, Tensor) {
      let parts = keysAndValues(context.image)
      return (parts[0], parts[1])
    }
    if let cache = context.cache {
      return cache.attendToImage(
        layer: layer, query: query, heads: options.heads, scale: options.scale, keysAndValues: projectImage)
    }
    var options = options
    options.queriesPerKey = context.captionsPerImage
    let (keys, values) = projectImage()
    context.recorder?.note { attentionWeights(query, keys, options) }
    return attention(query, keys, values, options)
  }
}
