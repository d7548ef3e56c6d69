import Checkpoints
import Datasets
import Foundation
import Imaging
import Metrics
import Models
import Tensors
import Tokenizers

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
  public let model: VisionEncoderDecoder
  public let arguments: TrainingArguments
  /// Where checkpoints and the result go.
  public let output: URL
  /// How far the run is, and its log.
  public private(set) var state = TrainerState()
  private let tokenizer: any Tokenizer
  private let imageProcessor: ImageProcessor
  private let generation: GenerationOptions
  private let callbacks: [any TrainerCallback]
  private let tokens: CaptionTokenizer
  private let training: CaptionBatches
  private let evaluation: CaptionBatches?
  private let optimizer: AdamW
  private let step: TrainingStep
  private let store: CheckpointStore
  private var position = RunPosition()
  /// Steps of each epoch, and of the whole run.
  private let stepsPerEpoch: [Int]
  private let totalSteps: Int

  /// - Parameters:
  ///   - folder: the checkpoint folder to start from: model, tokenizer, image processor.
  ///   - training: the captions to learn.
  ///   - evaluation: the captions to measure on; nil for no evaluation.
  ///   - output: the folder for checkpoints; made by ``run(resumingFrom:)`` where it doesn't exist.
  ///   - callbacks: what watches the run, called in this order.
  /// - Throws: an error that names the option, the field or the file that doesn't work.
  public init(
    modelAt folder: URL, training: CaptionDataset, evaluation: CaptionDataset?, output: URL,
    arguments: TrainingArguments, callbacks: [any TrainerCallback] = []
  ) throws {
    try arguments.validate()
    Threads.apply()
    self.arguments = arguments
    self.output = output
    self.callbacks = callbacks
    model = try VisionEncoderDecoder(at: folder)
    tokenizer = try AutoTokenizer.load(from: folder, modelType: model.configuration.decoderModelType)
    imageProcessor = try ImageProcessor(contentsOf: folder)
    generation = try GenerationOptions.checkpoint(
      generationConfig: try? Data(contentsOf: folder.appendingPathComponent("generation_config.json")),
      config: try? Data(contentsOf: folder.appendingPathComponent("config.json")))
    tokens = try CaptionTokenizer(tokenizer, model, keepsText: arguments.lossOnPadding)
    guard training.captionCount > 0 else { throw TrainingError.noCaptions }

    for parameter in model.parameters {
      let frozen =
        arguments.freezeEncoder && parameter.name.hasPrefix("encoder.")
        || arguments.freezeDecoder && parameter.name.hasPrefix("decoder.")
      parameter.setTrainable(!frozen)
    }
    model.computeType = arguments.bf16 && Precision.supportsBFloat16 ? .bfloat16 : .float32
    optimizer = AdamW(
      model.parameters.filter(\.isTrainable), options: arguments.adamW, decays: WeightDecay.applies)
    step = TrainingStep(
      model: model, optimizer: optimizer, startTokenID: tokens.startTokenID, padTokenID: tokens.padTokenID,
      labelSmoothing: Float(arguments.labelSmoothingFactor), maxGradNorm: Float(arguments.maxGradNorm),
      gradientCheckpointing: arguments.gradientCheckpointing)
    let (tokens, processor) = (tokens, imageProcessor)
    let features =
      arguments.featureCache.isEmpty
      ? nil
      : try FeatureCache(
        at: URL(fileURLWithPath: arguments.featureCache, isDirectory: true), model: model,
        processor: processor,
        dtype: arguments.featureCacheDtype.dtype ?? model.computeType)
    self.training = CaptionBatches(
      training, batchSize: arguments.perDeviceTrainBatchSize, shuffle: arguments.shuffle,
      arguments: arguments, tokens: tokens, processor: processor, features: features)
    self.evaluation = evaluation.map {
      CaptionBatches(
        $0, batchSize: arguments.perDeviceEvalBatchSize, shuffle: false, arguments: arguments, tokens: tokens,
        processor: processor, features: features)
    }
    store = CheckpointStore(output: output)
    let epochs = max(1, Int(arguments.numTrainEpochs.rounded(.up)))
    let plan = self.training.plan
    let steps = (0..<epochs).map { epoch in
      let batches = plan.batches(epoch: epoch).count
      return (batches + arguments.gradientAccumulationSteps - 1) / arguments.gradientAccumulationSteps
    }
    stepsPerEpoch = steps
    let whole = steps.dropLast().reduce(0, +)
    let rest = arguments.numTrainEpochs - Double(epochs - 1)
    let last = Int((Double(steps[epochs - 1]) * rest).rounded(.up))
    totalSteps = arguments.maxSteps > 0 ? arguments.maxSteps : whole + last
    position.seed = arguments.seed
    position.batchSize = arguments.perDeviceTrainBatchSize * arguments.gradientAccumulationSteps
    state.maxSteps = totalSteps
    state.numTrainEpochs = epochs
    state.loggingSteps = arguments.loggingSteps
    state.evalSteps = evalSteps
    state.saveSteps = arguments.saveSteps
    state.trainBatchSize = arguments.perDeviceTrainBatchSize
    if arguments.earlyStoppingPatience > 0 {
      state.setEarlyStopping(EarlyStoppingState(patience: arguments.earlyStoppingPatience))
    }
  }

  private var evalSteps: Int { arguments.evalSteps > 0 ? arguments.evalSteps : arguments.loggingSteps }

  /// The newest checkpoint in the output folder.
  public var latestCheckpoint: URL? { store.latest }

  /// Trains to the end, from the beginning or from a checkpoint, and returns then. The result is in ``model``;
  /// ``saveModel(to:format:)`` writes it.
  ///
  /// - Parameter checkpoint: a `checkpoint-<step>` folder of a run with the same data and arguments, such as
  ///   ``latestCheckpoint``; nil to begin.
  /// - Throws: ``TrainingError/diverged(step:what:lastCheckpoint:)`` where a loss is no number; what the file
  ///   system says where a checkpoint can't be written (the earlier ones stay whole).
  public func run(resumingFrom checkpoint: URL? = nil) throws {
    Threads.apply()
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    store.sweep()
    if let checkpoint { try resume(from: checkpoint) }
    for callback in callbacks { callback.trainingBegan(state) }
    let started = Date()
    let firstStep = state.globalStep
    while state.globalStep < totalSteps, !state.shouldStop {
      try runEpoch()
    }
    try finish(runtime: -started.timeIntervalSinceNow, steps: state.globalStep - firstStep)
    for callback in callbacks { callback.trainingEnded(state) }
  }

  // MARK: Epochs and steps

  private func runEpoch() throws {
    let steps = stepsPerEpoch[min(position.epoch, stepsPerEpoch.count - 1)]
    let batches = training.batches(epoch: position.epoch, from: position.batch)
    var done = position.batch / arguments.gradientAccumulationSteps
    while state.globalStep < totalSteps, let window = try nextWindow(batches) {
      done += 1
      if !window.isEmpty { try runStep(window, epoch: Double(position.epoch) + Double(done) / Double(steps)) }
      let isLast = done >= steps
      if isLast {
        position.epoch += 1
        position.batch = 0
      }
      try afterStep(endsEpoch: isLast || state.globalStep >= totalSteps)
      if isLast || state.shouldStop { return }
    }
    if position.batch > 0 {
      position.epoch += 1
      position.batch = 0
    }
  }

  /// The batches of the next step; nil at the epoch's end, and empty where no picture could be read.
  private func nextWindow(_ batches: CaptionBatches.Epoch) throws -> [TrainingBatch]? {
    var window: [TrainingBatch] = []
    var taken = 0
    while taken < arguments.gradientAccumulationSteps, let next = try batches.next() {
      taken += 1
      position.batch += 1
      if let batch = next { window.append(batch.training) }
    }
    return taken == 0 ? nil : window
  }

  private func runStep(_ window: [TrainingBatch], epoch: Double) throws {
    let factor = arguments.lrSchedulerType.factor(
      step: state.globalStep, warmupSteps: arguments.warmup(of: totalSteps), totalSteps: totalSteps)
    let learningRate = arguments.learningRate * factor
    var seeds = RandomGenerator(seed: arguments.seed ^ UInt64(state.globalStep) &* 0x9E37_79B9_7F4A_7C15)
    let result: StepResult
    do {
      result = try step.run(window, learningRate: learningRate, seed: seeds.next())
    } catch let error as NonFiniteLossError {
      throw TrainingError.diverged(
        step: state.globalStep + 1, what: error.description, lastCheckpoint: store.latest?.path)
    }
    state.globalStep += 1
    state.epoch = epoch
    position.lossSum += Double(result.loss)
    position.lossCount += 1
    position.totalLoss += Double(result.loss)
    let captions = window.reduce(0) { $0 + $1.labels.rows.count }
    for callback in callbacks {
      callback.stepEnded(state, loss: Double(result.loss), learningRate: learningRate, captions: captions)
    }
    if state.globalStep % arguments.loggingSteps == 0 {
      log(
        .training(
          loss: position.lossSum / Double(position.lossCount), gradientNorm: Double(result.gradientNorm),
          learningRate: learningRate, epoch: state.epoch, step: state.globalStep))
      (position.lossSum, position.lossCount) = (0, 0)
    }
  }

  private func afterStep(endsEpoch: Bool) throws {
    func isDue(_ strategy: IntervalStrategy, _ steps: Int) -> Bool {
      switch strategy {
      case .no: false
      case .steps: state.globalStep % steps == 0
      case .epoch: endsEpoch
      }
    }
    if evaluation != nil, isDue(arguments.evalStrategy, evalSteps) { try evaluate() }
    if isDue(arguments.saveStrategy, arguments.saveSteps) { try save() }
  }

  private func log(_ entry: LogEntry) {
    state.logHistory.append(entry)
    for callback in callbacks { callback.logged(entry) }
  }

  // MARK: Evaluation

  private func evaluate() throws {
    guard let evaluation else { return }
    let started = Date()
    var options = GenerationOptions()
    if arguments.generationMaxLength > 0 { options.maxLength = arguments.generationMaxLength }
    if arguments.generationNumBeams > 0 { options.numBeams = arguments.generationNumBeams }
    let evaluator = Evaluator(
      model: model, batches: evaluation, step: step, tokens: tokens,
      generation: arguments.predictWithGenerate ? options.filled(from: generation) : nil)
    let result = try evaluator.run { done, total in
      for callback in callbacks { callback.evaluating(done: done, of: total) }
    }
    log(
      .evaluation(
        loss: result.loss, metrics: result.metrics.map { ($0.key, $0.value) },
        speed: Speed(
          runtime: -started.timeIntervalSinceNow, samples: evaluation.dataset.captionCount,
          steps: evaluation.plan.batches(epoch: 0).count),
        epoch: state.epoch, step: state.globalStep))
    guard let record = EvaluationRecord.all(in: state.logHistory).last else { return }
    try judge(record)
    for callback in callbacks { callback.evaluated(record, samples: result.captions) }
  }

  /// Notes whether this is the best evaluation so far, and whether patience is at its end.
  private func judge(_ record: EvaluationRecord) throws {
    let name = arguments.metricForBestModel.replacing("eval_", with: "")
    let isLoss = name.isEmpty || name == "loss"
    let known = record.metrics.map(\.key)
    guard let value = isLoss ? record.validationLoss : record.metrics.first(where: { $0.key == name })?.value
    else {
      throw TrainingError.unknownMetric(name, known: ["loss"] + known)
    }
    let isBetter = state.bestMetric.map { isLoss ? value < $0 : value > $0 } ?? true
    if isBetter {
      state.bestMetric = value
      state.bestGlobalStep = state.globalStep
      state.bestModelCheckpoint = store.folder(step: state.globalStep).path
    }
    if var patience = try state.earlyStopping() {
      patience.patienceCounter = isBetter ? 0 : patience.patienceCounter + 1
      state.setEarlyStopping(patience)
    }
  }

  // MARK: Checkpoints

  private func save() throws {
    let url = store.folder(step: state.globalStep)
    let folder = try AtomicFolder(at: url)
    try saveModel(to: folder.workingURL)
    try OptimizerState.save(optimizer, to: folder.workingURL)
    try position.save(to: folder.workingURL)
    try state.write(to: folder.workingURL.appendingPathComponent(TrainerState.fileName))
    for callback in callbacks { try callback.save(to: folder.workingURL) }
    try folder.commit()
    try store.prune(
      limit: arguments.saveTotalLimit, best: arguments.loadBestModelAtEnd ? state.bestGlobalStep : nil)
    for callback in callbacks { callback.saved(url) }
  }

  /// Writes what `Captioner` and Transformers load: weights, configurations, tokenizer, image processor.
  ///
  /// - Throws: what the file system says; each file is whole, or as it was before.
  public func saveModel(to folder: URL, format: WeightsFormat = .safetensors) throws {
    try model.save(to: folder, format: format)
    try tokenizer.save(to: folder)
    try AtomicFile.write(
      Array(imageProcessor.preprocessorConfiguration()),
      to: folder.appendingPathComponent("preprocessor_config.json"))
    try AtomicFile.write(
      Array(generation.generationConfig()), to: folder.appendingPathComponent("generation_config.json"))
  }

  private func resume(from checkpoint: URL) throws {
    let saved = try RunPosition(folder: checkpoint)
    guard saved.seed == position.seed, saved.batchSize == position.batchSize else {
      throw TrainingError.checkpoint(
        path: checkpoint.path,
        problem:
          "was made with --seed \(saved.seed) and \(saved.batchSize) captions a step; going on needs the same"
      )
    }
    state = try TrainerState(contentsOf: checkpoint.appendingPathComponent(TrainerState.fileName))
    state.maxSteps = totalSteps
    position = saved
    try loadWeights(from: checkpoint)
    try OptimizerState.load(into: optimizer, from: checkpoint)
    for callback in callbacks { try callback.restore(from: checkpoint) }
  }

  private func loadWeights(from folder: URL) throws {
    let checkpoint = try CheckpointFolder(at: folder)
    for parameter in model.parameters {
      let stored = try checkpoint.tensor(named: parameter.name)
      guard stored.shape == parameter.shape else {
        throw TrainingError.checkpoint(
          path: folder.path, problem: "\(parameter.name) has shape \(stored.shape), not \(parameter.shape)")
      }
      guard parameter.isTrainable else { continue }
      parameter.update { stored.copy(into: $0) }
    }
  }

  private func finish(runtime: Double, steps: Int) throws {
    let samples = Int(Double(steps) * Double(position.batchSize))
    log(
      .end(
        loss: position.totalLoss / Double(max(1, state.globalStep)), totalFlos: 0,
        speed: Speed(runtime: runtime, samples: samples, steps: steps), epoch: state.epoch,
        step: state.globalStep))
    if arguments.loadBestModelAtEnd, let best = state.bestGlobalStep {
      try loadWeights(from: store.folder(step: best))
    }
    try state.write(to: output.appendingPathComponent(TrainerState.fileName))
    let skipped = training.skipped.all + (evaluation?.skipped.all ?? [])
    if !skipped.isEmpty {
      try SkippedImages(skipped).write(to: output.appendingPathComponent("skipped.jsonl"))
    }
  }
}

extension TrainerState {
  /// Whether early stopping's patience is at its end.
  var shouldStop: Bool {
    guard let patience = try? earlyStopping() else { return false }
    return patience.patienceCounter >= patience.patience
  }
}
