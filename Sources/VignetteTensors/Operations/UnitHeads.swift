import Foundation

/// x [..., C] with each of its H heads brought to length 1, then multiplied by a number of its own: products of such
/// queries and keys are cosines.
///
/// - Parameter scales: [H] float32; ones if nil.
package func unitHeads(_ x: Tensor, heads: Int, scales: Tensor? = nil) -> Tensor {
  precondition((x.shape.last ?? 0) % heads == 0, "\(x.shape) can't be cut into \(heads) heads")
  precondition(scales.map { $0.count == heads } ?? true, "a scale for each of \(heads) heads")
  let input = x.detached.contiguous()
  let factors = scales?.detached.contiguous()
  let result = Tensor(uninitialized: x.shape, dtype: x.dtype)
  normalizeHeads(input, heads: heads, scales: factors, into: result)
  guard let tape = Tape.of(x, scales) else { return result }
  return tape.record(result, from: [x, scales]) {
    [node = x.gradientNode, scalesNode = scales?.gradientNode] gradient in
    let change = Tensor(uninitialized: input.shape, dtype: input.dtype)
    let parts = normalizeHeadsGradient(
      input, heads: heads, scales: factors, upstream: gradient.cast(to: input.dtype).contiguous(),
      into: change)
    node?.accumulate(change)
    guard let scalesNode, let parts else { return }
    let sums = Tensor(zeros: [heads])
    addColumnSums(of: parts, to: sums)
    scalesNode.accumulate(sums)
  }
}

/// exp(min(p, limit)), element by element: a factor that is learned by its logarithm.
///
/// - Parameter tape: what to record on, if anything: a parameter can't carry a tape as tensors do.
package func exponential(_ parameter: Parameter, upTo limit: Float, on tape: Tape?) -> Tensor {
  let logarithms = parameter.value.floats
  let result = Tensor(shape: [parameter.count]) { values in
    for (i, logarithm) in logarithms.enumerated() { values[i] = exp(min(logarithm, limit)) }
  }
  guard let tape else { return result }
  return tape.record(result, from: [], [parameter]) { gradient in
    let (factors, upstream) = (result.floats, gradient.floats)
    let change = Tensor(shape: parameter.shape) { values in
      for i in values.indices { values[i] = logarithms[i] <= limit ? factors[i] * upstream[i] : 0 }
    }
    let buffer = parameter.zeroedGradientBuffer()
    addElements(buffer, change, into: buffer)
  }
}
