/// The label of a token that the loss ignores, as in PyTorch.
package let ignoredLabel: Int32 = -100

/// The mean over counted labels of −log softmax(logits)[label]: logits [..., V] float32, one label a row;
/// negative labels are ignored.
///
/// - Parameters:
///   - smoothing: ε of label smoothing: the target is (1 − ε) at the label and ε/V everywhere.
///   - divisor: what the sum is divided by; the number of counted labels if nil. A window of several
///     batches divides by all of its labels.
/// - Returns: a scalar; 0 where nothing is counted.
package func crossEntropy(
  _ logits: Tensor, labels: [Int32], smoothing: Float = 0, divisor: Float? = nil
) -> Tensor {
  let rows = logits.detached.contiguous().cast(to: .float32).asRows()
  let (count, vocabulary) = (rows.shape[0], rows.shape[1])
  precondition(labels.count == count, "\(labels.count) labels for \(count) rows of logits")
  precondition(labels.allSatisfy { $0 < vocabulary }, "a label is beyond the vocabulary of \(vocabulary)")
  let (losses, normalisers) = rowLosses(rows, labels: labels, smoothing: smoothing)
  let counted = labels.count { $0 >= 0 }
  let scale = 1 / (divisor ?? Float(max(1, counted)))
  let loss = Tensor([Float(losses.sum) * scale], shape: [])
  guard let tape = Tape.of(logits) else { return loss }
  return tape.record(loss, from: [logits]) { gradient in
    guard let node = logits.gradientNode else { return }
    let weight = gradient.scalar * scale
    let result = Tensor(uninitialized: rows.shape)
    rowLossGradient(
      rows, labels: labels, normalisers: normalisers, smoothing: smoothing, weight: weight, into: result)
    node.accumulate(result)
  }
}
