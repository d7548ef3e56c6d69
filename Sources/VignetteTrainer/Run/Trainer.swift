public import Foundation
import Logging
public import Vignette
import VignetteCheckpoints
public import VignetteDatasets
import VignetteFiles
public import VignetteModels
import VignetteTensors

/// Trains a captioner: Hugging Face's `Seq2SeqTrainer` for a vision encoder-decoder.
///
/// A run that is killed goes on from its last checkpoint with the same losses and weights, bit for bit: batches
/// and dropout follow from the seed and the step's number alone.
///
/// ```swift
/// let trainer = try Trainer(
///   modelAt: start, training: training, evaluation: validation, output: output, arguments: arguments,
///   callbacks: [ProgressCallback(arguments)])
/// try trainer.run(resumingFrom: trainer.latestCheckpoint)
/// try trainer.saveModel(to: output)
/// ```
///
/// A trainer is used from one thread at a time. It computes on all threads of the library.
public final class Trainer {
  /// The model as it is now; its parameters change with each step.
  public let model: any CaptionModel
  public let arguments: TrainingArguments
  /// Where checkpoints and the result go.
  public let output: URL
  /// How far the run is, and its log.
  public internal(set) var state = TrainerState()
  /// The step whose weights ``model`` has, where that isn't the last.
  var bestStep: Int?
  let parts: CaptionerParts
  let callbacks: [any TrainerCallback]
  let tokens: CaptionTokenizer
  let training: CaptionBatches
  let evaluation: CaptionBatches?
  let optimizer: AdamW
  let step: TrainingStep
  let store: CheckpointStore
  let schedule: RunSchedule
  /// What tells the best model, where that matters.
  let selection: ModelSelection?
  var position: RunPosition
  let logger = Logger(label: "vignette.training")

  /// - Parameters:
  ///   - parts: the model to start from, its tokenizer and image processor: ``ModelInitializer/parts``, or those of a
  ///     checkpoint folder. The model is trained in place.
  ///   - training: the captions to learn.
  ///   - evaluation: the captions to measure on; nil for no evaluation.
  ///   - output: the folder for checkpoints; made by ``run(resumingFrom:)`` where it doesn't exist.
  ///   - callbacks: what watches the run, called in this order.
  /// - Throws: an error that names the option, the field or the file that doesn't work.
  public init(
    _ parts: CaptionerParts, training: CaptionDataset, evaluation: CaptionDataset?, output: URL,
    arguments: TrainingArguments, callbacks: [any TrainerCallback] = []
  ) throws {
    try arguments.validate()
    selection = try ModelSelection(arguments)
    for dataset in [training, evaluation].compactMap(\.self) where dataset.captionCount == 0 {
      throw TrainingError.noCaptions(dataset.split)
    }
    if evaluation == nil, arguments.loadBestModelAtEnd || arguments.earlyStoppingPatience > 0 {
      throw TrainingError.argument(
        "--load-best-model-at-end and --early-stopping-patience", "need something to evaluate on")
    }
    self.arguments = arguments
    self.output = output
    self.callbacks = callbacks
    self.parts = parts
    model = parts.model
    for parameter in model.parameters { parameter.setTrainable(!arguments.freezes(parameter.part)) }
    model.precision = arguments.bf16 && Precision.supportsBFloat16 ? .bfloat16 : .float32
    tokens = try CaptionTokenizer(parts.tokenizer, model, keepsText: arguments.lossOnPadding)
    optimizer = AdamW(
      model.parameters.filter(\.isTrainable), options: arguments.adamW, decays: WeightDecay.applies)
    step = TrainingStep(model, optimizer, tokens, arguments)
    let source = BatchSource(
      arguments: arguments, tokens: tokens, processor: parts.imageProcessor,
      features: try FeatureCache(model: model, processor: parts.imageProcessor, arguments))
    self.training = CaptionBatches(
      training, source, batchSize: arguments.perDeviceTrainBatchSize, shuffle: arguments.shuffle)
    self.evaluation = evaluation.map {
      CaptionBatches($0, source, batchSize: arguments.perDeviceEvalBatchSize, shuffle: false)
    }
    store = CheckpointStore(output: output)
    schedule = RunSchedule(self.training.plan, arguments)
    position = RunPosition(order: DataOrder(training, arguments), settings: arguments)
    describeRun()
    try checkGeneration()
    try checkSelection()
    tellWhatIsLacking()
  }

  /// Starts from a checkpoint folder: model, tokenizer, image processor.
  ///
  /// - Throws: an error that names the option, the field or the file that doesn't work.
  public convenience init(
    modelAt folder: URL, training: CaptionDataset, evaluation: CaptionDataset?, output: URL,
    arguments: TrainingArguments, callbacks: [any TrainerCallback] = []
  ) throws {
    try self.init(
      CaptionerParts(at: folder), training: training, evaluation: evaluation, output: output,
      arguments: arguments, callbacks: callbacks)
  }

  private func tellWhatIsLacking() {
    if !arguments.featureCache.isEmpty, model.encoderDropsOut {
      logger.warning(
        "the encoder's dropout is off: its hidden states are computed once, for the feature cache")
    }
    if arguments.bf16, model.precision != .bfloat16 {
      logger.warning("this processor has no kernels for bfloat16; computing in float32")
    }
  }

  /// The step whose weights ``model`` has.
  var modelStep: Int { bestStep ?? state.globalStep }

  /// The newest checkpoint in the output folder.
  public var latestCheckpoint: URL? { store.latest }

  /// Trains to the end, from the beginning or from a checkpoint, and returns then. The result is in ``model``;
  /// ``saveModel(to:format:)`` writes it.
  ///
  /// Where the task is cancelled or a callback's ``TrainerCallback/wantsStop`` says so, the run ends after the step
  /// with a checkpoint, unless ``TrainingArguments/saveStrategy`` is `no`. The call blocks its thread: a task that is to
  /// be cancelled from outside is a detached one.
  ///
  /// - Parameter checkpoint: a `checkpoint-<step>` folder of a run with the same data, such as ``latestCheckpoint``; nil
  ///   to begin.
  /// - Throws: ``TrainingError/diverged(step:what:lastCheckpoint:)`` where a loss is no number;
  ///   ``TrainingError/stopped(step:checkpoint:)`` where it was asked to stop;
  ///   ``TrainingError/checkpoint(path:problem:)`` for a checkpoint that this run can't go on from;
  ///   ``TrainingError/noReadableImages(_:_:)``;
  ///   ``TrainingError/usedFolder(path:step:)`` where the output folder holds checkpoints that this run isn't the
  ///   continuation of; what the file system says where a checkpoint can't be written (the earlier ones stay whole).
  public func run(resumingFrom checkpoint: URL? = nil) throws {
    try FolderMaker.make(output)
    store.sweep()
    if let checkpoint { try resume(from: checkpoint) }
    try store.claim(from: state.globalStep, overwriting: arguments.overwriteOutputDir)
    try clearSkippedImages()
    for callback in callbacks { callback.trainingBegan(state) }
    do {
      let started = Date()
      let firstStep = state.globalStep
      while !isOver { try runEpoch() }
      try finish(runtime: -started.timeIntervalSinceNow, steps: state.globalStep - firstStep)
    } catch {
      // The error is what counts; the names of bad images may explain it.
      try? saveSkippedImages()
      throw error
    }
    for callback in callbacks { callback.trainingEnded(state) }
  }

  var isOver: Bool { state.globalStep >= schedule.totalSteps || state.shouldStop }

  /// Puts into the state what the arguments say of the run.
  func describeRun() {
    state.maxSteps = schedule.totalSteps
    state.numTrainEpochs = schedule.epochs
    state.loggingSteps = schedule.intervals.logging
    if arguments.evalStrategy == .steps || arguments.evalSteps.value > 0 {
      state.evalSteps = schedule.intervals.evaluation
    }
    state.saveSteps = schedule.intervals.saving
    state.trainBatchSize = arguments.perDeviceTrainBatchSize
    let counter = (try? state.earlyStopping())?.patienceCounter ?? 0
    state.setEarlyStopping(
      arguments.earlyStoppingPatience > 0
        ? EarlyStoppingState(patience: arguments.earlyStoppingPatience, patienceCounter: counter) : nil)
  }

  func log(_ entry: LogEntry) {
    state.logHistory.append(entry)
    for callback in callbacks { callback.logged(entry) }
  }

  /// A checkpoint is known to be good when a step from it gave a loss that is a number.
  func diverged(at step: Int, _ what: String) -> TrainingError {
    .diverged(
      step: step, what: what,
      lastCheckpoint: store.steps.last { $0 < state.globalStep }.map { store.folder(step: $0).path })
  }

  private func finish(runtime: Double, steps: Int) throws {
    let samples = steps * arguments.perDeviceTrainBatchSize * arguments.gradientAccumulationSteps
    log(
      .end(
        loss: position.totalLoss / Double(max(1, optimizer.stepCount)), totalFlos: 0,
        speed: Speed(runtime: runtime, samples: samples, steps: steps), epoch: state.epoch,
        step: state.globalStep))
    if arguments.loadBestModelAtEnd { try loadBestModel() }
    try state.write(to: output.appendingPathComponent(TrainerState.fileName))
    try saveSkippedImages()
  }
}

extension TrainerState {
  /// Whether early stopping's patience is at its end.
  var shouldStop: Bool {
    guard let patience = try? earlyStopping() else { return false }
    return patience.patienceCounter >= patience.patience
  }
}
