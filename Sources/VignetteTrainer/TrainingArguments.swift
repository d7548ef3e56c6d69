import Foundation
public import VignetteEvaluation
package import VignetteFiles
import VignetteTensors

/// The options of a training run, with the names of Hugging Face's `Seq2SeqTrainingArguments`.
///
/// So are the defaults, except that a run is logged every 50 steps, and saved and evaluated, captions included, after
/// each epoch. In JSON they carry Hugging Face's names; those that are missing have their defaults.
///
/// ```swift
/// var arguments = TrainingArguments()
/// arguments.learningRate = 1e-4
/// arguments.numTrainEpochs = 5
/// ```
public struct TrainingArguments: Sendable, Equatable {
  /// Epochs: passes over the training captions. May be a fraction.
  public var numTrainEpochs = 3.0
  /// Steps in all; overrides ``numTrainEpochs`` where it is positive.
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
  /// Warm-up: steps, or the share of all steps, in which the learning rate rises from 0. Overrides ``warmupRatio``.
  public var warmupSteps: StepCount = 0
  /// Warm-up as a share of all steps.
  public var warmupRatio = 0.0
  /// The share of each label's probability that is spread over the whole vocabulary.
  public var labelSmoothingFactor = 0.0
  /// When the model is evaluated.
  public var evalStrategy = IntervalStrategy.epoch
  /// Steps between evaluations, or the share of all steps; ``loggingSteps`` where it is 0.
  public var evalSteps: StepCount = 0
  /// When a checkpoint is written.
  public var saveStrategy = IntervalStrategy.epoch
  /// Steps between checkpoints, or the share of all steps.
  public var saveSteps: StepCount = 500
  /// How many checkpoints are kept, with ``loadBestModelAtEnd`` the best one always; 0 for all.
  public var saveTotalLimit = 0
  /// Remove the checkpoints of another run from the output folder, instead of refusing it.
  public var overwriteOutputDir = false
  /// Whether the best evaluation's weights are the result, rather than the last ones. Each evaluation that is the best
  /// so far then leaves a checkpoint, whatever ``saveStrategy`` says.
  public var loadBestModelAtEnd = false
  /// The metric that tells which checkpoint is best; the evaluation loss if empty.
  public var metricForBestModel = ""
  /// Whether more of that metric is better. It follows from the metric, so this can only agree.
  public var greaterIsBetter: Bool?
  /// Stop after so many evaluations without a better metric; 0 never stops.
  public var earlyStoppingPatience = 0
  /// Whether evaluation generates captions and measures them.
  public var predictWithGenerate = true
  /// The most tokens of captions generated in evaluation, the start token counted; the model's own if 0.
  public var generationMaxLength = 0
  /// Beams in evaluation; the model's own if 0.
  public var generationNumBeams = 0
  /// The folder of a CLIP model that gives captions generated in evaluation CLIPScore and RefCLIPScore; none if empty.
  public var clipModel = ""
  /// The folder of BLIP's retrieval model, or of CLIP, that scores them by their images; none if empty.
  public var imageTextModel = ""
  /// Steps between entries of the log, or the share of all steps; each entry has the mean loss since the one before.
  public var loggingSteps: StepCount = 50
  /// Whether the log has an entry of the first step too.
  public var loggingFirstStep = false
  /// What the order of the data and dropout follow from.
  public var seed: UInt64 = 42
  /// Compute in bfloat16; weights and the optimiser stay float32.
  public var bf16 = false
  /// The most labels of a caption, its end token included; never more than the decoder has positions for.
  public var maxTargetLength = 128
  /// The text before each caption, which the model is given and doesn't learn; captions in evaluations are measured
  /// without it.
  public var prompt = ""
  /// Leave the encoder's weights as they are.
  public var freezeEncoder = false
  /// Leave the decoder's weights as they are.
  public var freezeDecoder = false
  /// The folder where a frozen encoder's hidden states are kept, so that each image is encoded once; none if empty.
  public var featureCache = ""
  /// What those hidden states are kept as.
  public var featureCacheDtype = FeatureType.auto
  /// Keep only what goes into each layer, and compute its activations again in the backward pass.
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

  // Beyond these lie mistakes, and sums that don't fit into a number.
  private static let mostEpochs = 100_000.0
  private static let batchSizes = 1...(1 << 20)
  private static let workers = 0...256

  /// Checks each option by itself, and some against each other.
  ///
  /// - Throws: ``SettingError`` naming the option by Hugging Face's name.
  public func validate() throws {
    try validateFields()
    func require(_ condition: Bool, _ option: String, _ requirement: String) throws {
      if !condition { throw SettingError(.init(option), requirement) }
    }
    try require(
      !loadBestModelAtEnd || evalStrategy != .no, "load_best_model_at_end", "needs an `eval_strategy`")
    try require(
      earlyStoppingPatience == 0 || evalStrategy != .no, "early_stopping_patience", "needs an `eval_strategy`"
    )
    try require(
      greaterIsBetter != ModelSelection.lessIsBetter(metricForBestModel), "greater_is_better",
      "follows from `metric_for_best_model`: less is better for the loss and cer, more for the other metrics")
    for (model, option) in [(clipModel, "clip_model"), (imageTextModel, "image_text_model")] {
      try require(model.isEmpty || predictWithGenerate, option, "needs `predict_with_generate`")
    }
    try require(
      featureCache.isEmpty || freezeEncoder, "feature_cache",
      "needs `freeze_encoder`: an encoder that learns gives other hidden states after each step")
    try require(
      !(freezeEncoder && freezeDecoder), "freeze_decoder", "leaves nothing to train with `freeze_encoder`")
  }

  /// The learning rate of a step, counted from 0.
  func learningRate(step: Int, in schedule: RunSchedule) -> Double {
    learningRate
      * lrSchedulerType.factor(
        step: step, warmupSteps: schedule.intervals.warmup, totalSteps: schedule.totalSteps)
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

extension TrainingArguments: OptionTable {
  package static let optionFields: [OptionField<Self>] = [
    .init(
      "num_train_epochs", \.numTrainEpochs, "Epochs: passes over the training captions.",
      .positive.and(.init("be at most \(Int(mostEpochs))") { $0 <= mostEpochs })),
    .init(
      "max_steps", \.maxSteps, "Steps in all. Overrides `num_train_epochs`; -1 is no limit.",
      // As for Hugging Face, -1 and 0 are no limit.
      .init("be positive, or -1 for no limit") { $0 >= -1 }),
    .init(
      "per_device_train_batch_size", \.perDeviceTrainBatchSize, "Captions in a training batch.",
      .range(batchSizes)),
    .init(
      "per_device_eval_batch_size", \.perDeviceEvalBatchSize, "Captions in an evaluation batch.",
      .range(batchSizes)),
    .init(
      "gradient_accumulation_steps", \.gradientAccumulationSteps, "Batches whose gradients make one step.",
      .range(batchSizes)),
    .init("learning_rate", \.learningRate, "Peak learning rate.", .positiveAndFinite),
    .init(
      "weight_decay", \.weightDecay, "Weight decay of AdamW; biases and layer norms are spared.",
      .finiteAndNotNegative),
    .init("adam_beta1", \.adamBeta1, "β₁ of AdamW.", .shareBelowOne),
    .init("adam_beta2", \.adamBeta2, "β₂ of AdamW.", .shareBelowOne),
    .init("adam_epsilon", \.adamEpsilon, "ε of AdamW.", .positive),
    .init(
      "max_grad_norm", \.maxGradNorm, "Norm that gradients are clipped to; 0 for no clipping.", .notNegative),
    .init("lr_scheduler_type", \.lrSchedulerType, "Schedule of the learning rate."),
    .init(
      "warmup_steps", \.warmupSteps,
      "Warm-up: steps in which the learning rate rises from 0, or below 1 their share of all steps. Overrides `warmup_ratio`.",
      .intervalOrZero),
    .init("warmup_ratio", \.warmupRatio, "Warm-up as a share of all steps.", .share),
    .init(
      "label_smoothing_factor", \.labelSmoothingFactor,
      "Label smoothing: share of each label's probability that is spread over all tokens.", .shareBelowOne),
    .init("eval_strategy", \.evalStrategy, "Times of evaluations."),
    .init(
      "eval_steps", \.evalSteps,
      "Steps between evaluations, or below 1 a share of all steps; 0 for `logging_steps`.", .intervalOrZero),
    .init("save_strategy", \.saveStrategy, "Times of checkpoints."),
    .init(
      "save_steps", \.saveSteps, "Steps between checkpoints, or below 1 a share of all steps.", .interval),
    .init(
      "save_total_limit", \.saveTotalLimit, "Number of checkpoints kept; 0 for all.", .notNegative),
    .init(
      "overwrite_output_dir", \.overwriteOutputDir,
      "Remove the checkpoints of another run from the output folder, instead of refusing it."),
    .init(
      "load_best_model_at_end", \.loadBestModelAtEnd,
      "Take the best evaluation's model as the result, not the last one; the best so far is always kept."),
    .init(
      "metric_for_best_model", \.metricForBestModel,
      "Metric that tells which model is best, such as rougeL, CIDEr or, for models that read, cer, which is measured "
        + "where it is asked for here; the evaluation loss if not given."),
    .init(
      "greater_is_better", \.greaterIsBetter,
      "Direction of that metric. It follows from the metric; given, it must agree."),
    .init(
      "early_stopping_patience", \.earlyStoppingPatience,
      "Evaluations without a better metric after which the run stops; 0 for never.", .notNegative),
    .init(
      "predict_with_generate", \.predictWithGenerate, "Generate captions in evaluations and measure them."),
    .init(
      "generation_max_length", \.generationMaxLength,
      "Maximum length of captions in evaluations, in tokens; 0 for the model's.",
      .init("be at least 2: the start token counts") { $0 == 0 || $0 > 1 }),
    .init(
      "generation_num_beams", \.generationNumBeams, "Beams in evaluations; 0 for the model's.",
      .notNegative),
    .init(
      "clip_model", \.clipModel, "CLIP folder: evaluations give CLIPScore and RefCLIPScore too."),
    .init(
      "image_text_model", \.imageTextModel,
      "Folder of BLIP's retrieval model (blip-itm-…), of SigLIP or of CLIP: evaluations give its scores too."),
    .init(
      "logging_steps", \.loggingSteps, "Steps between log entries, or below 1 a share of all steps.",
      .interval),
    .init("logging_first_step", \.loggingFirstStep, "Log the first step too."),
    .init("seed", \.seed, "Seed of the data's order and of dropout."),
    .init("bf16", \.bf16, "Compute in bfloat16; weights stay float32."),
    .init(
      "max_target_length", \.maxTargetLength,
      "Maximum number of labels of a caption, its end token included; at most the decoder's positions.",
      .init("be at least 2") { $0 > 1 }),
    .init(
      "prompt", \.prompt,
      "Text before each caption, which the model is given and doesn't learn: a photography of."),
    .init("freeze_encoder", \.freezeEncoder, "Leave the encoder's weights as they are."),
    .init("freeze_decoder", \.freezeDecoder, "Leave the decoder's weights as they are."),
    .init(
      "feature_cache", \.featureCache,
      "Folder for a frozen encoder's hidden states: each image is encoded once, in this run and later ones."),
    .init(
      "feature_cache_dtype", \.featureCacheDtype,
      "Type in which they are stored; auto is the run's compute dtype."),
    .init(
      "gradient_checkpointing", \.gradientCheckpointing,
      "Recompute activations in the backward pass: a third slower, but less memory."),
    .init(
      "dataloader_num_workers", \.dataloaderNumWorkers,
      "Threads that read images ahead; 0 reads each when it is needed.", .range(workers)),
    .init(
      "group_captions", \.groupCaptions, "Put all captions of an image into one batch, which encodes it once."
    ),
    .init("shuffle", \.shuffle, "Shuffle anew in each epoch."),
    .init("pad_to_max_length", \.padToMaxLength, "Pad every batch to `max_target_length`."),
    .init(
      "loss_on_padding", \.lossOnPadding,
      "Count padding in the loss and add no end token, as a well-known tutorial does."),
    .init(
      "check_images", \.checkImages, "Skip images that can't be read, instead of stopping at the first one."),
  ]
}

extension TrainingArguments: Codable {
  public init(from decoder: any Decoder) throws {
    self.init()
    try decodeFields(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws { try encodeFields(to: encoder) }
}

extension SchedulerType: OptionValue {}
extension IntervalStrategy: OptionValue {}
extension FeatureType: OptionValue {}
