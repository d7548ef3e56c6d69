public import Foundation
import Logging
public import Vignette
public import VignetteCheckpoints
public import VignetteDatasets
public import VignetteEvaluation
import VignetteFiles
public import VignetteModels
import VignetteTensors

/// Trains a captioner: Hugging Face's `Seq2SeqTrainer` for models that caption images.
///
/// A run that is killed goes on from its last checkpoint with the same losses and weights, bit for bit: batches
/// and dropout follow from the seed and the step's number alone.
///
/// ```swift
/// let trainer = try await Trainer(
///   modelAt: start, training: training, evaluation: validation, output: output, arguments: arguments,
///   callbacks: [ProgressCallback(arguments)])
/// try await trainer.run(resumingFrom: trainer.latestCheckpoint)
/// try await trainer.saveModel(to: output)
/// ```
///
/// A trainer lives on the compute thread, and computes on all threads of the library. Captioners have their turns
/// between its steps. From ``run(resumingFrom:)`` on, its output folder is its own until it goes away.
@ComputeThread
public final class Trainer {
  /// The model as it is now, with its tokenizer and image processor; its weights change with each step.
  public let parts: CaptionerParts
  public let arguments: TrainingArguments
  /// How far the run is, and its log.
  public private(set) var state = TrainerState()
  private let callbacks: [any TrainerCallback]
  private let training: CaptionBatches
  private let evaluator: Evaluator?
  private let encoder: any ImageEncoder
  private let optimizer: AdamW
  private let step: TrainingStep
  private let folder: RunFolder
  private let schedule: RunSchedule
  /// What tells the best model, where that matters.
  private let selection: ModelSelection?
  private var position: RunPosition
  /// When this process began with the run.
  private var started = Date()
  /// The step whose weights ``model`` has, where that isn't the last.
  private var bestStep: Int?
  private let logger = Logger(label: "vignette.training")

  /// - Parameters:
  ///   - parts: the model to start from, its tokenizer and image processor: ``ModelInitializer/parts``, or those of a
  ///     checkpoint folder. The model is trained in place.
  ///   - training: the captions to learn.
  ///   - evaluation: the captions to measure on; nil for no evaluation.
  ///   - output: the folder for checkpoints; made by ``run(resumingFrom:)`` where it doesn't exist.
  ///   - callbacks: what watches the run, called in this order.
  /// - Throws: `SettingError`, ``EvaluationError`` or another error that names the setting, the field or the file that
  ///   doesn't work.
  public init(
    _ parts: CaptionerParts, training: CaptionDataset, evaluation: CaptionDataset?, output: URL,
    arguments: TrainingArguments, callbacks: [any TrainerCallback] = []
  ) throws {
    try arguments.validate(evaluates: evaluation != nil)
    guard training.captionCount > 0 else { throw EvaluationError.noCaptions(training.split) }
    let (model, group) = (parts.model, SingleProcess())
    self.parts = parts
    self.arguments = arguments
    self.callbacks = callbacks
    let imageTextScorers = try arguments.imageTextScorers()
    selection = try ModelSelection(
      arguments, evaluatedImages: evaluation?.images.count, also: imageTextScorers.flatMap(\.scoreNames))
    optimizer = try MemoryFault.thrown(by: "the optimizer's moments") {
      ParameterSelection(arguments).optimizer(for: model, arguments.adamW)
    }
    model.precision = arguments.bf16 && Precision.supportsBFloat16 ? .bfloat16 : .float32
    let tokens = try CaptionTokenizer(
      parts.tokenizer, model, prompt: arguments.prompt, keepsText: arguments.lossOnPadding)
    let encoder = try arguments.encoder(for: parts)
    self.encoder = encoder
    self.training = CaptionBatches(
      training, arguments.trainingBatches, tokens: tokens, processor: parts.imageProcessor)
    evaluator = try evaluation.map {
      try Evaluator(
        parts, $0, arguments.evaluationBatches, tokens: tokens, encoder: encoder,
        labelSmoothing: arguments.labelSmoothingFactor, generation: arguments.generation(for: model),
        characterErrors: ModelSelection.isCharacterErrors(arguments.metricForBestModel),
        imageTextScorers: imageTextScorers)
    }
    let forcing = TeacherForcing(
      model, startTokenID: tokens.startTokenID, padTokenID: tokens.padTokenID, prompt: tokens.prompt,
      labelSmoothing: Float(arguments.labelSmoothingFactor))
    step = TrainingStep(
      CrossEntropy(forcing), encoder, optimizer, group, maxGradNorm: Float(arguments.maxGradNorm),
      gradientCheckpointing: arguments.gradientCheckpointing)
    folder = RunFolder(output, group)
    schedule = RunSchedule(self.training.plan, arguments)
    position = RunPosition(order: DataOrder(training), settings: arguments)
    state.describe(arguments, schedule)
    warnOfWhatIsLacking()
  }

  /// Starts from a checkpoint folder: model, tokenizer, image processor.
  ///
  /// - Throws: an error that names the setting, the field or the file that doesn't work.
  public convenience init(
    modelAt folder: URL, training: CaptionDataset, evaluation: CaptionDataset?, output: URL,
    arguments: TrainingArguments, callbacks: [any TrainerCallback] = []
  ) throws {
    try self.init(
      CaptionerParts(at: folder), training: training, evaluation: evaluation, output: output,
      arguments: arguments, callbacks: callbacks)
  }

  private func warnOfWhatIsLacking() {
    if !arguments.featureCache.isEmpty, model.encoderDropsOut {
      logger.warning(
        "the encoder's dropout is off: its hidden states are computed once, for the feature cache")
    }
    if arguments.bf16, model.precision != .bfloat16 {
      logger.warning("this processor has no kernels for bfloat16; computing in float32")
    }
  }

  /// The model as it is now; its parameters change with each step.
  public var model: any CaptionModel { parts.model }

  /// Where checkpoints and the result go.
  public var output: URL { folder.url }

  /// The newest checkpoint in the output folder that is whole. Damaged ones are skipped with a warning; where all are
  /// damaged it is the newest, which can't be resumed then.
  public var latestCheckpoint: URL? { folder.latest?.url }

  /// How evaluations generate captions, nothing left open; nil where they generate none.
  public var evaluationGeneration: GenerationOptions? { evaluator?.resolvedGeneration }

  // MARK: Running

  /// Trains to the end, from the beginning or from a checkpoint, and returns then. ``captioner(options:)`` captions with
  /// the result; ``saveModel(to:format:)`` writes it.
  ///
  /// Where the task is cancelled or a callback's ``TrainerCallback/wantsStop`` says so, the run ends after the step
  /// with a checkpoint, or in the midst of an evaluation, which is repeated by the run that goes on; unless ``TrainingArguments/saveStrategy`` is `no`.
  ///
  /// - Parameter checkpoint: a `checkpoint-<step>` folder of a run with the same data, such as ``latestCheckpoint``; nil
  ///   to begin.
  /// - Throws: ``TrainingError``: a loss that is no number, a request to stop, a checkpoint that this run can't go on
  ///   from, an output folder of another run; ``EvaluationError``: images that can't be read; what the file system says
  ///   where a checkpoint can't be written (the earlier ones stay whole).
  public func run(resumingFrom checkpoint: URL? = nil) async throws {
    try folder.take()
    let resumed = checkpoint.map { Checkpoint($0) }
    if let resumed { try resume(from: resumed) }
    try folder.claim(from: state.globalStep, resumed: resumed, overwriting: arguments.overwriteOutputDir)
    try folder.clearSkippedImages()
    for callback in callbacks { callback.trainingBegan(state) }
    started = Date()
    do {
      if position.owesEvaluation == true { try await afterStep(endsEpoch: position.batch == 0 || isOver) }
      while !isOver { try await runEpoch() }
      try finish()
    } catch {
      // The error is what counts; the names of bad images may explain it.
      try? saveSkippedImages()
      throw error
    }
    for callback in callbacks { callback.trainingEnded(state) }
  }

  private var isOver: Bool { state.globalStep >= schedule.totalSteps || state.shouldStop }

  /// Goes on with the epoch at hand, to its end or the run's.
  private func runEpoch() async throws {
    let batches = training.batches(epoch: position.epoch, from: position.batch, for: encoder)
    var endsEpoch = false
    while !endsEpoch, !isOver {
      let window = try await savingFirst { try nextWindow(batches) }
      try runStep(window, epoch: Double(position.epoch) + Double(position.batch) / Double(batches.count))
      endsEpoch = position.batch == batches.count
      if endsEpoch {
        position.epoch += 1
        position.batch = 0
      }
      try await afterStep(endsEpoch: endsEpoch || state.globalStep >= schedule.totalSteps)
      // Captioners that wait have their turn.
      await Task.yield()
    }
  }

  /// The batches of the next step; empty where no image of them could be read.
  private func nextWindow(_ batches: CaptionBatches.Epoch) throws -> [CaptionBatch] {
    var window: [CaptionBatch] = []
    var taken = 0
    while taken < arguments.gradientAccumulationSteps, let next = try batches.next() {
      taken += 1
      if let batch = next { window.append(batch) }
    }
    position.batch += taken
    return window
  }

  private func runStep(_ window: [CaptionBatch], epoch: Double) throws {
    let learningRate = schedule.learningRate(step: state.globalStep)
    var seeds = RandomGenerator(seed: arguments.seed ^ UInt64(state.globalStep) &* 0x9E37_79B9_7F4A_7C15)
    var result: StepResult?
    do {
      if !window.isEmpty { result = try step.run(window, learningRate: learningRate, seed: seeds.next()) }
    } catch let error as NonFiniteLossError {
      throw diverged(at: state.globalStep + 1, error.description)
    }
    state.globalStep += 1
    state.epoch = epoch
    guard let result else { return }
    position.add(loss: Double(result.loss))
    let captions = window.reduce(0) { $0 + $1.labels.rows.count }
    for callback in callbacks {
      callback.stepEnded(state, loss: Double(result.loss), learningRate: learningRate, captions: captions)
    }
    if schedule.isLogDue(after: state.globalStep) {
      log(
        .training(
          loss: position.takeMeanLoss(), gradientNorm: Double(result.gradientNorm),
          learningRate: learningRate, epoch: state.epoch, step: state.globalStep))
    }
  }

  private func afterStep(endsEpoch: Bool) async throws {
    if endsEpoch, optimizer.stepCount == 0 {
      throw EvaluationError.noReadableImages(training.skipped.count, training.dataset.split)
    }
    var isBest = false
    if evaluator != nil, schedule.isEvaluationDue(after: state.globalStep, endsEpoch: endsEpoch) {
      isBest = try await evaluateDue()
    }
    if schedule.isCheckpointDue(after: state.globalStep, endsEpoch: endsEpoch)
      || isBest && arguments.loadBestModelAtEnd
    {
      try save()
    } else if isOver {
      // Early stopping may end a run anywhere.
      try saveUnasked()
    }
    if !isOver, Task.isCancelled || callbacks.contains(where: \.wantsStop) {
      throw try stopped()
    }
  }

  /// Leaves a checkpoint to go on from.
  private func stopped() throws -> TrainingError {
    try saveUnasked()
    return .stopped(step: state.globalStep, checkpoint: folder.latest?.url.path)
  }

  private func finish() throws {
    position = position.after(-started.timeIntervalSinceNow)
    started = Date()
    let samples =
      state.globalStep * arguments.perDeviceTrainBatchSize * arguments.gradientAccumulationSteps
    log(
      .end(
        loss: position.totalLoss / Double(max(1, optimizer.stepCount)), totalFlos: 0,
        speed: Speed(runtime: position.runtime ?? 0, samples: samples, steps: state.globalStep),
        epoch: state.epoch, step: state.globalStep))
    if arguments.loadBestModelAtEnd { try loadBestModel() }
    try folder.write(state)
    try saveSkippedImages()
  }

  private func log(_ entry: LogEntry) {
    state.logHistory.append(entry)
    for callback in callbacks { callback.logged(entry) }
  }

  /// A checkpoint is known to be good when a step from it gave a loss that is a number.
  private func diverged(at step: Int, _ what: String) -> TrainingError {
    .diverged(
      step: step, what: what,
      lastCheckpoint: folder.steps.last { $0 < state.globalStep }.map { folder.checkpoint(step: $0).url.path }
    )
  }

  // MARK: Evaluation

  /// Measures ``model`` as it is now on the evaluation data, logs the result and hands it to the callbacks.
  ///
  /// - Throws: ``TrainingError/noEvaluation`` without such data; what ``Evaluator/run(progress:)`` throws.
  @discardableResult
  public func evaluate() async throws -> EvaluationResult { try await measure(at: modelStep).result }

  private func measure(at step: Int) async throws -> (result: EvaluationResult, record: EvaluationRecord) {
    guard let evaluator else { throw TrainingError.noEvaluation }
    let started = Date()
    let result = try await evaluator.run { done, total in
      for callback in callbacks { callback.evaluating(done: done, of: total) }
    }
    let entry = LogEntry.evaluation(
      loss: result.loss, metrics: result.metrics.map { ($0.key, $0.value) },
      speed: Speed(
        runtime: -started.timeIntervalSinceNow, samples: evaluator.batches.dataset.captionCount,
        steps: evaluator.batchCount),
      epoch: state.epoch, step: step)
    let record = EvaluationRecord(entry, trainingLoss: state.logHistory.last { $0["loss"] != nil }?["loss"])
    log(entry)
    for callback in callbacks { callback.evaluated(record, samples: result.captions) }
    return (result, record)
  }

  /// Evaluates after a step. What is broken off, or fails, a run that goes on begins with.
  ///
  /// - Returns: whether it is the best evaluation so far.
  private func evaluateDue() async throws -> Bool {
    position.owesEvaluation = true
    let record = try await savingFirst {
      do {
        return try await measure(at: state.globalStep).record
      } catch is CancellationError {
        throw try stopped()
      }
    }
    position.owesEvaluation = nil
    return try judge(record)
  }

  /// Notes whether this is the best evaluation so far, and whether patience is at its end.
  ///
  /// - Returns: whether it is the best.
  private func judge(_ record: EvaluationRecord) throws -> Bool {
    guard let selection else { return false }
    guard let value = selection.value(in: record) else {
      // CIDEr, where all images but one have become unreadable since.
      logger.warning("this evaluation has no \(selection.metric), so it can't be the best")
      return false
    }
    let isBest = selection.isBetter(value, than: state.bestMetric)
    try state.note(value, isBest: isBest)
    return isBest
  }

  // MARK: Writing

  /// The step whose weights ``model`` has.
  private var modelStep: Int { bestStep ?? state.globalStep }

  /// A captioner with ``model``, which isn't copied: as training goes on, it captions with the weights of the last step.
  public func captioner(options: CaptionerOptions = CaptionerOptions()) -> Captioner {
    Captioner(parts: parts, options: options)
  }

  /// Writes what `Captioner` and Transformers load: weights, configurations, tokenizer, image processor.
  ///
  /// - Throws: what the file system says; each file is whole, or as it was before.
  public func saveModel(to folder: URL, format: WeightsFormat = .safetensors) throws {
    try parts.save(to: folder, format: format)
  }

  /// Writes `metrics.json`: what the evaluation of ``model`` measured, and on what, how and with which weights.
  /// Where the model as it is now wasn't evaluated, there is no such file.
  ///
  /// - Parameter folder: where ``saveModel(to:format:)`` wrote the model.
  /// - Throws: what the file system says.
  public func saveMetrics(to folder: URL) throws {
    let url = folder.appendingPathComponent(MetricsFile.fileName)
    let entry = state.logHistory.last { $0.isEvaluation && $0.step == modelStep }
    guard let evaluator, let entry else {
      // An earlier run's is of another model.
      return try AtomicFile.remove(url)
    }
    try MetricsFile(
      metrics: entry.measured, data: evaluator.data, generation: evaluationGeneration,
      dtype: model.precision, sources: CheckpointFolder(at: folder).weightFiles,
      imageTextScorers: evaluator.imageTextScorers, step: entry.step
    ).write(to: url)
  }

  private func save() throws {
    try checkWeights()
    let step = state.globalStep
    if let best = state.bestGlobalStep, best == step || folder.steps.contains(best) {
      state.bestModelCheckpoint = folder.checkpoint(step: best).url.path
    }
    try folder.writeCheckpoint(step: step) { checkpoint in
      try saveModel(to: checkpoint.url)
      try checkpoint.write(
        optimizer, state, position.after(-started.timeIntervalSinceNow), skipped: training.skipped)
      for callback in callbacks { try callback.save(to: checkpoint.url) }
    }
    try folder.prune(
      limit: arguments.saveTotalLimit, sparing: step,
      best: arguments.loadBestModelAtEnd ? state.bestGlobalStep : nil)
    for callback in callbacks { callback.saved(folder.checkpoint(step: step).url) }
  }

  /// Writes a checkpoint of this step, if there is none and the run has any.
  private func saveUnasked() throws {
    if arguments.saveStrategy != .no, folder.steps.last != state.globalStep { try save() }
  }

  /// Does what may fail for want of images; what was learned until then isn't lost with it.
  private func savingFirst<Result>(_ work: () async throws -> Result) async throws -> Result {
    do {
      return try await work()
    } catch {
      if state.globalStep > 0 { try saveUnasked() }
      throw error
    }
  }

  /// Weights that are no numbers would be found only in the next step.
  private func checkWeights() throws {
    guard let broken = model.parameters.first(where: { $0.isTrainable && !$0.isFinite }) else { return }
    throw diverged(
      at: state.globalStep,
      "\(broken.name) is no longer made of numbers; try a lower \(Setting("learning_rate")) or more "
        + "\(Setting("warmup_steps"))")
  }

  /// Writes `skipped.jsonl` into the output folder, if there is anything to say.
  private func saveSkippedImages() throws {
    try folder.write(skipped: training.skipped.all + (evaluator?.batches.skipped.all ?? []))
  }

  // MARK: Going on

  /// Takes over a checkpoint's position in the run, weights and optimiser.
  private func resume(from checkpoint: Checkpoint) throws {
    func refused(_ problem: String) -> TrainingError {
      .checkpoint(path: checkpoint.url.path, problem: problem)
    }
    let saved = try checkpoint.position()
    if let difference = position.difference(from: saved) {
      throw refused("was made with \(difference); going on needs the same")
    }
    guard saved.batch < training.plan.batches(epoch: saved.epoch).count else {
      throw refused("is at batch \(saved.batch), and an epoch has fewer")
    }
    state = try checkpoint.state()
    let changes = try position.changes(since: saved) + checkpoint.configurationChanges(in: model)
    if !changes.isEmpty { logger.notice("going on with \(changes.joined(separator: ", "))") }
    let settings = position.settings
    position = saved
    position.settings = settings
    state.describe(arguments, schedule)
    if state.globalStep > schedule.totalSteps {
      logger.warning(
        "the checkpoint is at step \(state.globalStep), beyond the \(schedule.totalSteps) that were asked for"
      )
    }
    try checkpoint.loadWeights(into: model)
    try checkpoint.load(into: optimizer)
    for image in try checkpoint.skippedImages() { training.skipped.record(image) }
    for callback in callbacks { try callback.restore(from: checkpoint.url) }
  }

  private func loadBestModel() throws {
    guard let best = state.bestGlobalStep, best != state.globalStep else { return }
    // A run that went on in another folder may have left its best checkpoint in the first.
    let folders =
      [folder.checkpoint(step: best).url]
      + (state.bestModelCheckpoint.map { [URL(fileURLWithPath: $0)] } ?? [])
    guard let found = folders.first(where: { FileSystem.exists($0) }) else {
      logger.warning("\(folders[0].path) isn't there, so the result is the last model instead of the best")
      return
    }
    try Checkpoint(found).loadWeights(into: model)
    bestStep = best
  }
}
