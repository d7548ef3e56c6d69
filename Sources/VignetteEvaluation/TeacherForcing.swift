import VignetteFiles
package import VignetteModels
package import VignetteTensors

/// The cross-entropy of captions under teacher forcing: the decoder sees the labels shifted right and is to give
/// each one.
package struct TeacherForcing {
  private let model: any CaptionModel
  private let startTokenID: Int
  private let padTokenID: Int
  private let smoothing: Float

  /// - Parameter labelSmoothing: the share of each label's probability that is spread over the whole vocabulary.
  package init(
    _ model: any CaptionModel, startTokenID: Int, padTokenID: Int, labelSmoothing: Float = 0
  ) {
    self.model = model
    self.startTokenID = startTokenID
    self.padTokenID = padTokenID
    smoothing = labelSmoothing
  }

  /// The sum of a batch's losses divided by `divisor`.
  ///
  /// - Parameter features: the batch's images, encoded.
  /// - Throws: `TensorMemoryError`.
  package func loss(of batch: CaptionBatch, features: ImageFeatures, divisor: Float, on tape: Tape?) throws
    -> Tensor
  {
    let rows = batch.labels.rows
    try MemoryCheck.pass(
      [rows.count, rows.first?.count ?? 0, model.vocabularySize], "the logits of \(rows.count) captions",
      lowering: ["per_device_train_batch_size", "max_target_length"])
    let inputs = rows.map {
      shiftRight($0, startTokenID: startTokenID, padTokenID: padTokenID)
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
