import VignetteFiles
package import VignetteModels
package import VignetteTensors

/// The cross-entropy of captions under teacher forcing: the decoder sees the labels shifted right and is to give
/// each one.
package struct TeacherForcing {
  private let model: any CaptionModel
  private let startTokenID: Int
  private let padTokenID: Int
  private let prompt: [Int32]
  private let smoothing: Float

  /// - Parameters:
  ///   - prompt: the tokens between the start token and each caption, which the model is given and doesn't learn.
  ///   - labelSmoothing: the share of each label's probability that is spread over the whole vocabulary; the model's own
  ///     if 0.
  package init(
    _ model: any CaptionModel, startTokenID: Int, padTokenID: Int, prompt: [Int] = [],
    labelSmoothing: Float = 0
  ) {
    self.model = model
    self.startTokenID = startTokenID
    self.padTokenID = padTokenID
    self.prompt = prompt.map { Int32($0) }
    smoothing = labelSmoothing > 0 ? labelSmoothing : model.configuration.labelSmoothing
  }

  /// The sum of a batch's losses divided by `divisor`.
  ///
  /// - Parameter features: the batch's images, encoded.
  /// - Throws: `TensorMemoryError`.
  package func loss(of batch: CaptionBatch, features: ImageFeatures, divisor: Float, on tape: Tape?) throws
    -> Tensor
  {
    let unlearned = [Int32](repeating: ignoredLabel, count: prompt.count)
    let rows = batch.labels.rows.map { unlearned + $0 }
    try MemoryCheck.pass(
      [rows.count, rows.first?.count ?? 0, model.vocabularySize], "the logits of \(rows.count) captions",
      lowering: ["per_device_train_batch_size", "max_target_length"])
    let inputs = rows.map { row in
      var tokens = shiftRight(row, startTokenID: startTokenID, padTokenID: padTokenID)
      tokens.replaceSubrange(1..<1 + prompt.count, with: prompt)
      return tokens
    }
    let logits = model.logits(
      tokens: inputs, features: features, captionsPerImage: batch.captionsPerImage, on: tape)
    return crossEntropy(logits, labels: rows.flatMap { $0 }, smoothing: smoothing, divisor: divisor)
  }

  /// The sum of a batch's losses and the number of its labels.
  package func sums(of batch: CaptionBatch, features: ImageFeatures) throws -> (loss: Double, labels: Int) {
    let sum = try MemoryFault.thrown(
      by: "the loss of \(batch.labels.rows.count) captions", lowering: ["batch_size"]
    ) {
      try self.loss(of: batch, features: features, divisor: 1, on: nil).scalar
    }
    return (Double(sum), batch.labels.count)
  }
}
