import CVignetteKernels

/// Softmax over attention's scores [E, H, T, S]: softmax(scale · score + bias), row by row.
struct ScoreSoftmax {
  let heads: Int
  let tokens: Int
  let keyLength: Int
  let scale: Float
  /// Whether a token sees itself and what comes before it only; the last token sees all keys.
  let isCausal: Bool
  /// [G, H, T, S] float32: entry e takes group e mod G.
  let bias: Tensor?

  private var shape: kernels_softmax_shape {
    var shape = kernels_softmax_shape()
    shape.columns = Int64(keyLength)
    shape.tokens = Int64(tokens)
    shape.heads = Int64(heads)
    shape.scale = scale
    shape.causal = isCausal
    shape.offset = isCausal ? Int64(keyLength - tokens) : 0
    shape.bias = bias.map { UnsafePointer($0.float32) }
    shape.bias_groups = Int64(bias?.shape[0] ?? 1)
    return shape
  }

  private var grain: Int { max(1, 4096 / keyLength) }

  /// Makes probabilities, whose memory may be the scores' own; the scores are lost.
  func probabilities(_ scores: Tensor, into output: Tensor) {
    guard haveMemory(scores, bias, output) else { return }
    withUnsafePointer(to: shape) { shape in
      parallel(scores.count / keyLength, grain: grain) { range in
        kernels_softmax(
          output.dtype.kernels, shape, Int64(range.lowerBound), Int64(range.upperBound), scores.float32,
          output.pointer)
      }
    }
  }

  /// dL/d(q·k) from dL/dprobabilities in float32.
  func gradient(_ probabilities: Tensor, _ upstream: Tensor, into output: Tensor) {
    guard haveMemory(probabilities, upstream, bias, output) else { return }
    withUnsafePointer(to: shape) { shape in
      parallel(probabilities.count / keyLength, grain: grain) { range in
        kernels_softmax_backward(
          output.dtype.kernels, shape, Int64(range.lowerBound), Int64(range.upperBound),
          probabilities.pointer,
          upstream.float32, output.pointer)
      }
    }
  }
}

// MARK: - Cross-entropy

/// The loss of each row of logits [R, V], contiguous float32, and log Σ exp of it; 0 where the label is negative.
func rowLosses(
  _ logits: Tensor, labels: [Int32], smoothing: Float
) -> (losses: Tensor, normalisers: Tensor) {
  let (rows, vocabulary) = (logits.shape[0], logits.shape[1])
  let losses = Tensor(uninitialized: [rows])
  let normalisers = Tensor(uninitialized: [rows])
  guard haveMemory(logits, losses, normalisers) else { return (losses, normalisers) }
  parallel(rows, grain: 1) { range in
    kernels_cross_entropy(
      Int64(vocabulary), Int64(range.lowerBound), Int64(range.upperBound), logits.float32, labels, smoothing,
      losses.float32, normalisers.float32)
  }
  return (losses, normalisers)
}

/// output = weight · (softmax(logits) − target), row by row; zeros where the label is negative.
func rowLossGradient(
  _ logits: Tensor, labels: [Int32], normalisers: Tensor, smoothing: Float, weight: Float, into output: Tensor
) {
  guard haveMemory(logits, normalisers, output) else { return }
  parallel(logits.shape[0], grain: 1) { range in
    kernels_cross_entropy_backward(
      Int64(logits.shape[1]), Int64(range.lowerBound), Int64(range.upperBound), logits.float32, labels,
      normalisers.float32, smoothing, weight, output.float32)
  }
}
