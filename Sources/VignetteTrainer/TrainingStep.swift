import Foundation
package import VignetteEvaluation
import VignetteFiles
package import VignetteModels
package import VignetteTensors

/// What one step of the optimiser did.
package struct StepResult: Sendable, Equatable {
  /// The mean over all labels of the step's batches.
  package let loss: Float
  /// The gradients' norm before clipping.
  package let gradientNorm: Float
}

/// A loss or gradient that is not a number: learning from it would spoil every weight.
struct NonFiniteLossError: PlainError {
  let what: String
  let value: Float

  var description: String {
    // Swift prints the sign of a NaN, which means nothing.
    "the \(what) is \(value.isNaN ? "not a number" : "infinite"); try a lower \(Setting("learning_rate")), "
      + "more \(Setting("warmup_steps")), or a \(Setting("max_grad_norm")) of 1 or less"
  }
}

/// Forward, backward and an optimiser's step on a window of batches.
///
/// The loss of a window is the sum over its labels divided by their number, so that accumulating several
/// batches equals one large batch.
package final class TrainingStep {
  private let objective: any Objective
  private let encoder: any ImageEncoder
  private let group: any ProcessGroup
  let optimizer: AdamW
  private let maxGradNorm: Float
  private let recomputes: Bool

  /// - Parameters:
  ///   - maxGradNorm: what the gradients' norm is clipped to; 0 for no clipping.
  ///   - gradientCheckpointing: whether layers' activations are computed again instead of kept.
  init(
    _ objective: any Objective, _ encoder: any ImageEncoder, _ optimizer: AdamW, _ group: any ProcessGroup,
    maxGradNorm: Float, gradientCheckpointing: Bool
  ) {
    self.objective = objective
    self.encoder = encoder
    self.optimizer = optimizer
    self.group = group
    self.maxGradNorm = maxGradNorm
    recomputes = gradientCheckpointing
  }

  /// Cross-entropy with the model's own encoder.
  package convenience init(
    model: any CaptionModel, optimizer: AdamW, startTokenID: Int, padTokenID: Int,
    labelSmoothing: Float = 0, maxGradNorm: Float = 1, gradientCheckpointing: Bool = false
  ) {
    let forcing = TeacherForcing(
      model, startTokenID: startTokenID, padTokenID: padTokenID, labelSmoothing: labelSmoothing)
    self.init(
      CrossEntropy(forcing), ModelEncoder(model), optimizer, SingleProcess(), maxGradNorm: maxGradNorm,
      gradientCheckpointing: gradientCheckpointing)
  }

  /// Learns from a window of batches.
  ///
  /// - Parameter seed: what the dropout masks of this step derive from; nil for none.
  /// - Throws: `ModelError`; `TensorMemoryError`; ``NonFiniteLossError``. Nothing is changed then.
  package func run(_ window: [CaptionBatch], learningRate: Double, seed: UInt64?) throws -> StepResult {
    do {
      return try learn(window, learningRate: learningRate, seed: seed)
    } catch {
      // Those of the window's earlier batches would be part of the next step.
      optimizer.forgetGradients()
      throw error
    }
  }

  private func learn(_ window: [CaptionBatch], learningRate: Double, seed: UInt64?) throws -> StepResult {
    let weight = window.reduce(0) { $0 + objective.weight(of: $1) }
    let divisor = Float(max(1, try group.sum([Double(weight)])[0]))
    let (loss, norm) = try MemoryFault.thrown(
      by: "a training step", lowering: ["per_device_train_batch_size", "max_target_length"]
    ) { try gradients(of: window, divisor: divisor, seed: seed) }
    let clip = maxGradNorm > 0 ? min(1, maxGradNorm / (norm + 1e-6)) : 1
    optimizer.step(learningRate: Float(learningRate), gradientScale: clip)
    return StepResult(loss: Float(try group.sum([loss])[0]), gradientNorm: norm)
  }

  /// The window's loss, and its gradients' norm; the gradients are left at the parameters.
  private func gradients(
    of window: [CaptionBatch], divisor: Float, seed: UInt64?
  ) throws -> (loss: Double, norm: Float) {
    var loss = 0.0
    for (number, batch) in window.enumerated() {
      let tape = Tape(dropoutSeed: seed.map { $0 &+ UInt64(number) }, recomputes: recomputes)
      let features = try encoder.encode(batch.images, on: tape)
      let result = try objective.loss(of: batch, features: features, divisor: divisor, on: tape)
      loss += Double(result.scalar)
      guard result.scalar.isFinite else { throw NonFiniteLossError(what: "loss", value: result.scalar) }
      tape.backward(from: result)
    }
    let norm = optimizer.gradientNorm()
    guard norm.isFinite else { throw NonFiniteLossError(what: "gradient norm", value: norm) }
    return (loss, norm)
  }
}
