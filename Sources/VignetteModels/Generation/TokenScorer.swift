import VignetteTensors
/// Changes the scores of a caption's next token before one is chosen.
///
/// The scores are logits in greedy search and sampling, and log-probabilities in beam search, as in Transformers.
public protocol LogitsProcessor: Sendable {
  /// - Parameters:
  ///   - scores: One score a vocabulary entry; -infinity rules a token out.
  ///   - prefix: The caption so far, the prompt first.
  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int])
}

/// Turns the model's logits into the scores from which the next token is chosen.
package struct TokenScorer {
  let logits: LogitsBuffer
  /// For each image.
  private let processors: [[any LogitsProcessor]]

  package init(logits: LogitsBuffer, processors: [[any LogitsProcessor]]) {
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

  /// The likeliest tokens of a row, the likeliest first.
  func likeliest(_ count: Int, row: Int, _ normalizer: Softmax.Normalizer) -> [TokenLogProbability] {
    TopSelection.best(min(count, logits.vocabularySize), of: logits.row(row)).map {
      TokenLogProbability(tokenID: $0.index, logProbability: normalizer.logProbability(of: $0.score))
    }
  }

  /// The logits of a row after the processors.
  func processedLogits(row: Int, image: Int, prefix: [Int]) -> UnsafeBufferPointer<Float> {
    guard !processors[image].isEmpty else { return logits.row(row) }
    _ = logits.scores.update(from: logits.row(row))
    return processed(prefix, image)
  }

  /// The log-probabilities of a row after the processors.
  func processedLogProbabilities(
    row: Int, image: Int, _ normalizer: Softmax.Normalizer, prefix: [Int]
  ) -> UnsafeBufferPointer<Float> {
    Softmax.writeLogProbabilities(of: logits.row(row), to: logits.scores, normalizer)
    return processed(prefix, image)
  }

  private func processed(_ prefix: [Int], _ image: Int) -> UnsafeBufferPointer<Float> {
    for processor in processors[image] {
      processor.process(logits.scores, prefix: prefix)
    }
    return UnsafeBufferPointer(logits.scores)
  }
}

/// Room for the logits of every row of a step, and for one row of scores made of them.
package final class LogitsBuffer {
  let vocabularySize: Int
  let scores: UnsafeMutableBufferPointer<Float>
  private let logits: UnsafeMutableBufferPointer<Float>
  private let memory: Tensor

  /// - Throws: `GenerationError.tooManyRows` above 2³¹ logits (8 GiB); `TensorMemoryError`.
  package init(images: Int, rowsPerImage: Int, _ vocabularySize: Int) throws {
    let (rows, manyRows) = images.multipliedReportingOverflow(by: rowsPerImage)
    let (count, manyLogits) = rows.multipliedReportingOverflow(by: vocabularySize)
    guard !manyRows, !manyLogits, count <= 1 << 31 else {
      throw GenerationError.tooManyRows(
        images: images, rowsPerImage: rowsPerImage, vocabularySize: vocabularySize)
    }
    self.vocabularySize = vocabularySize
    let memory = try MemoryFault.thrown(
      by: "the logits of \(rows) captions", lowering: ["batch_size", "num_beams"]
    ) { Tensor(zeros: [count + vocabularySize]) }
    self.memory = memory
    // The tensor is this buffer's alone, and lives as long.
    let all = memory.withFloats { UnsafeMutableBufferPointer(mutating: $0) }
    logits = .init(rebasing: all[..<count])
    scores = .init(rebasing: all[count...])
  }

  /// The logits of the first `count` rows.
  func rows(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
    .init(rebasing: logits[..<(count * vocabularySize)])
  }

  /// The logits of one row.
  func row(_ row: Int) -> UnsafeBufferPointer<Float> {
    .init(rebasing: logits[(row * vocabularySize)..<((row + 1) * vocabularySize)])
  }
}
