public import VignetteModels
public import VignetteTensors

/// Forward, backward and an optimiser's step on a window of batches.
///
/// The loss of a window is the sum over its labels divided by their number, so that accumulating several
/// batches equals one large batch.
public final class TrainingStep {
  private let model: any CaptionModel
  private let optimizer: AdamW
  private let startTokenID: Int
  private let padTokenID: Int
  private let smoothing: Float
  private let maxGradNorm: Float
  private let recomputes: Bool

  /// - Parameters:
  ///   - maxGradNorm: what the gradients' norm is clipped to; 0 for no clipping.
  ///   - gradientCheckpointing: whether layers' activations are computed again instead of kept.
  public init(
    model: any CaptionModel, optimizer: AdamW, startTokenID: Int, padTokenID: Int,
    labelSmoothing: Float = 0, maxGradNorm: Float = 1, gradientCheckpointing: Bool = false
  ) {
    self.model = model
    self.optimizer = optimizer
    self.startTokenID = startTokenID
    self.padTokenID = padTokenID
    smoothing = labelSmoothing
    self.maxGradNorm = maxGradNorm
    recomputes = gradientCheckpointing
  }

  convenience init(
    _ model: any CaptionModel, _ optimizer: AdamW, _ tokens: CaptionTokenizer,
    _ arguments: TrainingArguments
  ) {
    self.init(
      model: model, optimizer: optimizer, startTokenID: tokens.startTokenID, padTokenID: tokens.padTokenID,
      labelSmoothing: Float(arguments.labelSmoothingFactor), maxGradNorm: Float(arguments.maxGradNorm),
      gradientCheckpointing: arguments.gradientCheckpointing)
  }

  /// Learns from a window of batches.
  ///
  /// - Parameter seed: what the dropout masks of this step derive from; nil for none.
  /// - Throws: `ImageSizeError`; `TensorMemoryError`; ``NonFiniteLossError``. Nothing is changed then.
  public func run(_ window: [TrainingBatch], learningRate: Double, seed: UInt64?) throws -> StepResult {
    do {
      return try learn(window, learningRate: learningRate, seed: seed)
    } catch {
      // Those of the window's earlier batches would be part of the next step.
      optimizer.forgetGradients()
      throw error
    }
  }

  private func learn(_ window: [TrainingBatch], learningRate: Double, seed: UInt64?) throws -> StepResult {
    let count = Float(max(1, window.reduce(0) { $0 + $1.labels.count }))
    var loss = 0.0
    for (number, batch) in window.enumerated() {
      let tape = Tape(dropoutSeed: seed.map { $0 &+ UInt64(number) }, recomputes: recomputes)
      let result = try self.loss(
        of: batch, features: try encode(batch, on: tape), divisor: count, on: tape)
      loss += Double(result.scalar)
      guard result.scalar.isFinite else { throw NonFiniteLossError(what: "loss", value: result.scalar) }
      tape.backward(from: result)
    }
    let norm = optimizer.gradientNorm()
    guard norm.isFinite else { throw NonFiniteLossError(what: "gradient norm", value: norm) }
    let clip = maxGradNorm > 0 ? min(1, maxGradNorm / (norm + 1e-6)) : 1
    optimizer.step(learningRate: Float(learningRate), gradientScale: clip)
    return StepResult(loss: Float(loss), gradientNorm: norm)
  }

  /// The sum of a batch's losses and the number of its labels, without learning.
  public func evaluate(_ batch: TrainingBatch) throws -> (loss: Double, labels: Int) {
    try evaluate(batch, features: encode(batch))
  }

  /// ``evaluate(_:)`` of a batch whose images are encoded already.
  func evaluate(_ batch: TrainingBatch, features: ImageFeatures) throws -> (loss: Double, labels: Int) {
    (Double(try loss(of: batch, features: features, divisor: 1, on: nil).scalar), batch.labels.count)
  }

  func encode(_ batch: TrainingBatch, on tape: Tape? = nil) throws -> ImageFeatures {
    switch batch.images {
    case .pixelValues(let pixels): try model.encode(tape?.watch(pixels) ?? pixels)
    case .hiddenStates(let hidden): model.features(tape?.watch(hidden) ?? hidden)
    }
  }

  private func loss(
    of batch: TrainingBatch, features: ImageFeatures, divisor: Float, on tape: Tape?
  ) throws -> Tensor {
    let rows = batch.labels.rows
    try MemoryCheck.pass(
      [rows.count, rows.first?.count ?? 0, model.vocabularySize], "the logits of \(rows.count) captions",
      lowering: ["per_device_train_batch_size", "max_target_length"])
    let inputs = rows.map {
      shiftRight($0, startTokenID: startTokenID, padTokenID: padTokenID)
    }
    let logits = model.logits(
      tokens: inputs, features: features, captionsPerImage: batch.captionsPerImage, on: tape)
    return crossEntropy(
      logits, labels: rows.flatMap { $0 }, smoothing: smoothing, divisor: divisor)
  }
}
