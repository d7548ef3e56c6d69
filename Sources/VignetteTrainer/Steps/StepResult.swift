/// What one step of the optimiser did.
public struct StepResult: Sendable, Equatable {
  /// The mean over all labels of the step's batches.
  public let loss: Float
  /// The gradients' norm before clipping.
  public let gradientNorm: Float
}
