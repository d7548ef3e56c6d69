public import ArgumentParser
import Foundation
import VignetteTrainer

private let defaults = TrainingArguments()

/// Hugging Face's training arguments on the command line.
///
/// A property here gives the field of the same name in ``TrainingArguments``.
struct TrainingOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "How many times the training captions are gone through.")
  var numTrainEpochs = defaults.numTrainEpochs
  @Option(
    parsing: .unconditional,
    help: "Steps in all, which go before --num-train-epochs; with -1, there is no such limit.")
  var maxSteps = defaults.maxSteps
  @Option(parsing: .unconditional, help: "Captions of a training batch.")
  var perDeviceTrainBatchSize = defaults.perDeviceTrainBatchSize
  @Option(parsing: .unconditional, help: "Captions of an evaluation batch.")
  var perDeviceEvalBatchSize = defaults.perDeviceEvalBatchSize
  @Option(parsing: .unconditional, help: "Batches whose gradients make one step.")
  var gradientAccumulationSteps = defaults.gradientAccumulationSteps
  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var learningRate = defaults.learningRate
  @Option(parsing: .unconditional, help: "AdamW's weight decay; biases and layer norms are spared.")
  var weightDecay = defaults.weightDecay
  @Option(parsing: .unconditional, help: "AdamW's β₁.")
  var adamBeta1 = defaults.adamBeta1
  @Option(parsing: .unconditional, help: "AdamW's β₂.")
  var adamBeta2 = defaults.adamBeta2
  @Option(parsing: .unconditional, help: "AdamW's ε.")
  var adamEpsilon = defaults.adamEpsilon
  @Option(parsing: .unconditional, help: "What the gradients' norm is clipped to; 0 for no clipping.")
  var maxGradNorm = defaults.maxGradNorm
  @Option(help: "How the learning rate changes.")
  var lrSchedulerType = defaults.lrSchedulerType
  @Option(parsing: .unconditional, help: "Steps in which the learning rate rises from 0.")
  var warmupSteps = defaults.warmupSteps
  @Option(parsing: .unconditional, help: "The same as a share of all steps.")
  var warmupRatio = defaults.warmupRatio
  @Option(parsing: .unconditional, help: "How much of the target is spread over all tokens.")
  var labelSmoothingFactor = defaults.labelSmoothingFactor
  @Option(help: "When to evaluate.")
  var evalStrategy = defaults.evalStrategy
  @Option(parsing: .unconditional, help: "Steps between evaluations; 0 for --logging-steps.")
  var evalSteps = defaults.evalSteps
  @Option(help: "When to write a checkpoint.")
  var saveStrategy = defaults.saveStrategy
  @Option(parsing: .unconditional, help: "Steps between checkpoints.")
  var saveSteps = defaults.saveSteps
  @Option(parsing: .unconditional, help: "How many checkpoints are kept; 0 for all.")
  var saveTotalLimit = defaults.saveTotalLimit
  @Flag(
    inversion: .prefixedNo,
    help: "Remove the checkpoints of another run from the output folder, instead of refusing it.")
  var overwriteOutputDir = defaults.overwriteOutputDir
  @Flag(
    inversion: .prefixedNo,
    help: "The result is the best evaluation's model instead of the last one; the best so far is always kept."
  )
  var loadBestModelAtEnd = defaults.loadBestModelAtEnd
  @Option(
    help: "The metric that tells which is best, such as rougeL or CIDEr; the evaluation loss if not given.")
  var metricForBestModel = defaults.metricForBestModel
  @Option(
    parsing: .unconditional,
    help: "Stop after so many evaluations without a better metric; 0 for never.")
  var earlyStoppingPatience = defaults.earlyStoppingPatience
  @Flag(inversion: .prefixedNo, help: "Generate captions in evaluations and measure them.")
  var predictWithGenerate = defaults.predictWithGenerate
  @Option(
    parsing: .unconditional,
    help: "The most tokens of captions generated in evaluations; 0 for what the model says.")
  var generationMaxLength = defaults.generationMaxLength
  @Option(parsing: .unconditional, help: "Beams in evaluations; 0 for what the model says.")
  var generationNumBeams = defaults.generationNumBeams
  @Option(parsing: .unconditional, help: "Steps between entries of the log.")
  var loggingSteps = defaults.loggingSteps
  @Option(parsing: .unconditional, help: "Decides the order of data and dropout.")
  var seed = defaults.seed
  @Flag(inversion: .prefixedNo, help: "Compute in bfloat16; weights stay float32.")
  var bf16 = defaults.bf16
  @Option(
    parsing: .unconditional,
    help:
      "The most labels of a caption, its end token included; as many as the decoder has positions at most.")
  var maxTargetLength = defaults.maxTargetLength
  @Flag(inversion: .prefixedNo, help: "Leave the encoder as it is.")
  var freezeEncoder = defaults.freezeEncoder
  @Flag(inversion: .prefixedNo, help: "Leave the decoder as it is.")
  var freezeDecoder = defaults.freezeDecoder
  @Option(
    help: """
      A folder for a frozen encoder's hidden states: each image is encoded once, in this run and later ones.
      """)
  var featureCache = defaults.featureCache
  @Option(help: "What they are kept as; auto is what the run computes in.")
  var featureCacheDtype = defaults.featureCacheDtype
  @Flag(
    inversion: .prefixedNo,
    help: "Compute the layers' activations once more on the way back: a third slower, but less memory.")
  var gradientCheckpointing = defaults.gradientCheckpointing
  @Option(parsing: .unconditional, help: "Threads that read images ahead.")
  var dataloaderNumWorkers = defaults.dataloaderNumWorkers
  @Flag(inversion: .prefixedNo, help: "All captions of an image in one batch, which encodes it once.")
  var groupCaptions = defaults.groupCaptions
  @Flag(inversion: .prefixedNo, help: "Another order in each epoch.")
  var shuffle = defaults.shuffle
  @Flag(inversion: .prefixedNo, help: "Every batch as wide as --max-target-length.")
  var padToMaxLength = defaults.padToMaxLength
  @Flag(
    inversion: .prefixedNo,
    help: "Count padding in the loss and add no end token, as a well-known tutorial does.")
  var lossOnPadding = defaults.lossOnPadding

  /// What was given, and the defaults of ``TrainingArguments`` for fields that are no option here.
  func arguments() throws -> TrainingArguments {
    var fields = NamedValues(defaults)
    for (name, argument) in declaredArguments {
      let isField = fields.set(name, argument.anyValue)
      precondition(isField, "TrainingArguments has no \(name)")
    }
    return try fields.decoded()
  }
}

extension SchedulerType: ExpressibleByArgument {}
extension IntervalStrategy: ExpressibleByArgument {}
extension FeatureType: ExpressibleByArgument {}
