package import VignetteEvaluation
package import VignetteModels
package import VignetteTensors

/// What training makes small: a batch's loss, as a sum that is divided by what a whole window of batches weighs.
package protocol Objective {
  /// What a batch weighs: the number of terms that its loss sums up.
  func weight(of batch: CaptionBatch) -> Int

  /// The sum of a batch's losses divided by `divisor`, recorded on the tape.
  ///
  /// - Parameter features: the batch's images, encoded on the same tape.
  func loss(of batch: CaptionBatch, features: ImageFeatures, divisor: Float, on tape: Tape) throws -> Tensor
}

/// Cross-entropy of the labels under teacher forcing.
package struct CrossEntropy: Objective {
  private let forcing: TeacherForcing

  package init(_ forcing: TeacherForcing) { self.forcing = forcing }

  package func weight(of batch: CaptionBatch) -> Int { batch.labels.count }

  package func loss(of batch: CaptionBatch, features: ImageFeatures, divisor: Float, on tape: Tape) throws
    -> Tensor
  {
    try forcing.loss(of: batch, features: features, divisor: divisor, on: tape)
  }
}
