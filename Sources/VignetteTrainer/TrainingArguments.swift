import Foundation
import VignetteTensors

/// The options of a training run, with the names of Hugging Face's `Seq2SeqTrainingArguments`.
///
/// So are the defaults, except that a run is logged every 50 steps, and saved and evaluated, captions included, after
/// each epoch.
///
/// ```swift
/// var arguments = TrainingArguments()
/// arguments.learningRate = 1e-4
/// arguments.numTrainEpochs = 5
/// ```
public struct TrainingArguments: Sendable, Codable, Equatable {
  /// How many times the training captions are gone through.
  public var numTrainEpochs = 3.0
  /// How many steps are made in all; goes before ``numTrainEpochs`` where it is positive.
  public var maxSteps = -1
  /// Captions of a training batch.
  public var perDeviceTrainBatchSize = 8
  /// Captions of an evaluation batch.
  public var perDeviceEvalBatchSize = 8
  /// Batches whose gradients make one step.
  public var gradientAccumulationSteps = 1
  /// The highest learning rate.
  public var learningRate = 5e-5
  /// AdamW's weight decay, which spares biases and layer norms.
  public var weightDecay = 0.0
  /// How slowly AdamW's mean of the gradients forgets.
  public var adamBeta1 = 0.9
  /// How slowly AdamW's mean of the squared gradients forgets.
  public var adamBeta2 = 0.999
  /// What AdamW adds to its divisor.
  public var adamEpsilon = 1e-8
  /// What the gradients' norm is clipped to; 0 for no clipping.
  public var maxGradNorm = 1.0
  /// How the learning rate changes after the warm-up.
  public var lrSchedulerType = SchedulerType.linear
  /// Steps in which the learning rate rises from 0; goes before ``warmupRatio``.
  public var warmupSteps = 0
  /// The same as a share of all steps.
  public var warmupRatio = 0.0
  /// The share of each label's probability that is spread over the whole vocabulary.
  public var labelSmoothingFactor = 0.0
  /// When the model is evaluated.
  public var evalStrategy = IntervalStrategy.epoch
  /// Steps between evaluations; ``loggingSteps`` where it is 0.
  public var evalSteps = 0
  /// When a checkpoint is written.
  public var saveStrategy = IntervalStrategy.epoch
  /// Steps between checkpoints.
  public var saveSteps = 500
  /// How many checkpoints are kept, with ``loadBestModelAtEnd`` the best one always; 0 for all.
  public var saveTotalLimit = 0
  /// Remove the checkpoints of another run from the output folder, instead of refusing it.
  public var overwriteOutputDir = false
  /// Whether the best evaluation's weights are the result, rather than the last ones. Each evaluation that is the best
  /// so far then leaves a checkpoint, whatever ``saveStrategy`` says.
  public var loadBestModelAtEnd = false
  /// The metric that tells which checkpoint is best; the evaluation loss if empty.
  public var metricForBestModel = ""
  /// Stop after so many evaluations without a better metric; 0 never stops.
  public var earlyStoppingPatience = 0
  /// Whether evaluation generates captions and measures them.
  public var predictWithGenerate = true
  /// The most tokens of captions generated in evaluation, the start token counted; the model's own if 0.
  public var generationMaxLength = 0
  /// Beams in evaluation; the model's own if 0.
  public var generationNumBeams = 0
  /// Steps between entries of the log, each with the mean loss since the one before.
  public var loggingSteps = 50
  /// What the order of the data and dropout follow from.
  public var seed: UInt64 = 42
  /// Compute in bfloat16; weights and the optimiser stay float32.
  public var bf16 = false
  /// The most labels of a caption, its end token included; never more than the decoder has positions for.
  public var maxTargetLength = 128
  /// Leave the encoder's weights as they are.
  public var freezeEncoder = false
  /// Leave the decoder's weights as they are.
  public var freezeDecoder = false
  /// The folder where a frozen encoder's hidden states are kept, so that each image is encoded once; none if empty.
  public var featureCache = ""
  /// What those hidden states are kept as.
  public var featureCacheDtype = FeatureType.auto
  /// Keep only what goes into each layer, and compute its activations again on the way back.
  public var gradientCheckpointing = false
  /// Threads that read images ahead; 0 reads each when it is needed.
  public var dataloaderNumWorkers = 1
  /// One encoding for all captions of an image in a batch.
  public var groupCaptions = true
  /// Another order in each epoch.
  public var shuffle = true
  /// Every batch as wide as ``maxTargetLength``.
  public var padToMaxLength = false
  /// Padding counts in the loss, and no end token is added.
  public var lossOnPadding = false
  /// Leave an image that can't be read and its captions out, instead of throwing at the first one.
  public var checkImages = true

  public init() {}

  /// - Throws: ``TrainingError/argument(_:_:)`` naming the option as the command line spells it.
  public func validate() throws {
    func require(_ condition: Bool, _ option: String, _ requirement: String) throws {
      if !condition { throw TrainingError.argument(option, requirement) }
    }
    // As for Hugging Face, -1 and 0 are no limit.
    try require(maxSteps >= -1, "--max-steps", "must be positive, or -1 for no limit")
    try require(numTrainEpochs > 0, "--num-train-epochs", "must be positive")
    try require(
      numTrainEpochs <= Self.mostEpochs, "--num-train-epochs", "must be at most \(Int(Self.mostEpochs))")
    try require(
      Self.batchSizes.contains(perDeviceTrainBatchSize), "--per-device-train-batch-size",
      "must be from 1 to \(Self.batchSizes.upperBound)")
    try require(
      Self.batchSizes.contains(perDeviceEvalBatchSize), "--per-device-eval-batch-size",
      "must be from 1 to \(Self.batchSizes.upperBound)")
    try require(
      Self.batchSizes.contains(gradientAccumulationSteps), "--gradient-accumulation-steps",
      "must be from 1 to \(Self.batchSizes.upperBound)")
    try require(learningRate > 0 && learningRate.isFinite, "--learning-rate", "must be positive")
    try require(weightDecay >= 0 && weightDecay.isFinite, "--weight-decay", "must not be negative")
    try require((0..<1).contains(adamBeta1), "--adam-beta1", "must be from 0 to below 1")
    try require((0..<1).contains(adamBeta2), "--adam-beta2", "must be from 0 to below 1")
    try require(adamEpsilon > 0, "--adam-epsilon", "must be positive")
    try require(maxGradNorm >= 0, "--max-grad-norm", "must not be negative")
    try require(warmupSteps >= 0, "--warmup-steps", "must not be negative")
    try require((0...1).contains(warmupRatio), "--warmup-ratio", "must be from 0 to 1")
    try require(
      (0..<1).contains(labelSmoothingFactor), "--label-smoothing-factor", "must be from 0 to below 1")
    try require(loggingSteps > 0, "--logging-steps", "must be positive")
    try require(evalSteps >= 0, "--eval-steps", "must not be negative")
    try require(saveSteps > 0, "--save-steps", "must be positive")
    try require(saveTotalLimit >= 0, "--save-total-limit", "must not be negative")
    try require(earlyStoppingPatience >= 0, "--early-stopping-patience", "must not be negative")
    try require(
      generationMaxLength == 0 || generationMaxLength > 1, "--generation-max-length",
      "must be at least 2: the start token counts")
    try require(generationNumBeams >= 0, "--generation-num-beams", "must not be negative")
    try require(
      Self.workers.contains(dataloaderNumWorkers), "--dataloader-num-workers",
      "must be from 0 to \(Self.workers.upperBound)")
    try require(maxTargetLength > 1, "--max-target-length", "must be at least 2")
    try require(
      !loadBestModelAtEnd || evalStrategy != .no, "--load-best-model-at-end", "needs an --eval-strategy")
    try require(
      earlyStoppingPatience == 0 || evalStrategy != .no, "--early-stopping-patience",
      "needs an --eval-strategy")
    try require(
      featureCache.isEmpty || freezeEncoder, "--feature-cache",
      "needs --freeze-encoder: an encoder that learns gives other hidden states after each step")
    try require(
      !(freezeEncoder && freezeDecoder), "--freeze-decoder", "leaves nothing to train with --freeze-encoder")
  }

  // Beyond these lie mistakes, and sums that don't fit into a number.
  private static let mostEpochs = 100_000.0
  private static let batchSizes = 1...(1 << 20)
  private static let workers = 0...256

  /// The learning rate of a step, counted from 0.
  func learningRate(step: Int, of totalSteps: Int) -> Double {
    let warmup = warmupSteps > 0 ? warmupSteps : Int((Double(totalSteps) * warmupRatio).rounded(.up))
    return learningRate * lrSchedulerType.factor(step: step, warmupSteps: warmup, totalSteps: totalSteps)
  }

  var stepsBetweenEvaluations: Int { evalSteps > 0 ? evalSteps : loggingSteps }

  /// Whether the parameters of a part stay as they are.
  func freezes(_ part: ModelPart?) -> Bool {
    freezeEncoder && part == .vision || freezeDecoder && part == .text
  }

  var labels: LabelOptions {
    var options = LabelOptions()
    options.maxTargetLength = maxTargetLength
    options.padsToMaxLength = padToMaxLength
    options.countsPadding = lossOnPadding
    return options
  }

  var adamW: AdamWOptions {
    var options = AdamWOptions()
    options.beta1 = Float(adamBeta1)
    options.beta2 = Float(adamBeta2)
    options.epsilon = Float(adamEpsilon)
    options.weightDecay = Float(weightDecay)
    return options
  }
}
