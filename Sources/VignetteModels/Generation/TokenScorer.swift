/// Turns the model's logits into the scores from which the next token is chosen.
package struct TokenScorer {
  let logits: LogitsBuffer
  let processors: [any LogitsProcessor]

  package init(logits: LogitsBuffer, processors: [any LogitsProcessor]) {
    self.logits = logits
    self.processors = processors
  }

  /// A row's normalizer, with which its logits become the model's own log-probabilities.
  ///
  /// - Throws: `GenerationError.brokenLogits` where the logits are no numbers.
  func normalizer(row: Int, image: Int, position: Int) throws -> Softmax.Normalizer {
    let normalizer = Softmax.normalizer(logits.row(row))
    guard normalizer.isFinite else {
      throw GenerationError.brokenLogits(image: image, position: position)
    }
    return normalizer
  }

  /// The logits of a row after the processors.
  func processedLogits(row: Int, prefix: [Int]) -> UnsafeBufferPointer<Float> {
    guard !processors.isEmpty else { return logits.row(row) }
    _ = logits.scores.update(from: logits.row(row))
    return processed(prefix)
  }

  /// The log-probabilities of a row after the processors.
  func processedLogProbabilities(
    row: Int, _ normalizer: Softmax.Normalizer, prefix: [Int]
  ) -> UnsafeBufferPointer<Float> {
    Softmax.writeLogProbabilities(of: logits.row(row), to: logits.scores, normalizer)
    return processed(prefix)
  }

  private func processed(_ prefix: [Int]) -> UnsafeBufferPointer<Float> {
    for processor in processors {
      processor.process(logits.scores, prefix: prefix)
    }
    return UnsafeBufferPointer(logits.scores)
  }
}
