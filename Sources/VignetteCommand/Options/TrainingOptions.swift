import ArgumentParser
import Foundation
import Training
import Yams

/// Hugging Face's training arguments on the command line; what isn't given is the configuration file's, else the
/// default.
struct TrainingOptions: ParsableArguments {
  @Option(help: "A YAML file with these options, named as here or as in Python.")
  var config: String?

  @Option(help: "How many times the training captions are gone through.")
  var numTrainEpochs: Double?
  @Option(help: "Steps in all; goes before --num-train-epochs.")
  var maxSteps: Int?
  @Option(help: "Captions of a training batch.")
  var perDeviceTrainBatchSize: Int?
  @Option(help: "Captions of an evaluation batch.")
  var perDeviceEvalBatchSize: Int?
  @Option(help: "Batches whose gradients make one step.")
  var gradientAccumulationSteps: Int?
  @Option(help: "The highest learning rate.")
  var learningRate: Double?
  @Option(help: "AdamW's weight decay; biases and layer norms are spared.")
  var weightDecay: Double?
  @Option(help: "AdamW's β₁.")
  var adamBeta1: Double?
  @Option(help: "AdamW's β₂.")
  var adamBeta2: Double?
  @Option(help: "AdamW's ε.")
  var adamEpsilon: Double?
  @Option(help: "What the gradients' norm is clipped to; 0 for no clipping.")
  var maxGradNorm: Double?
  @Option(help: "How the learning rate changes: linear, cosine, constant, constant_with_warmup.")
  var lrSchedulerType: SchedulerType?
  @Option(help: "Steps in which the learning rate rises from 0.")
  var warmupSteps: Int?
  @Option(help: "The same as a share of all steps.")
  var warmupRatio: Double?
  @Option(help: "How much of the target is spread over all tokens.")
  var labelSmoothingFactor: Double?
  @Option(help: "When to evaluate: epoch, steps or no.")
  var evalStrategy: IntervalStrategy?
  @Option(help: "Steps between evaluations; --logging-steps if not given.")
  var evalSteps: Int?
  @Option(help: "When to write a checkpoint: epoch, steps or no.")
  var saveStrategy: IntervalStrategy?
  @Option(help: "Steps between checkpoints.")
  var saveSteps: Int?
  @Option(help: "How many checkpoints are kept; 0 for all.")
  var saveTotalLimit: Int?
  @Flag(
    inversion: .prefixedNo,
    help: "Remove the checkpoints of another run from the output folder, instead of refusing it.")
  var overwriteOutputDir: Bool?
  @Flag(inversion: .prefixedNo, help: "The result is the best evaluation's model instead of the last one.")
  var loadBestModelAtEnd: Bool?
  @Option(
    help: "The metric that tells which is best, such as rougeL or CIDEr; the evaluation loss if not given.")
  var metricForBestModel: String?
  @Option(help: "Stop after so many evaluations without a better metric.")
  var earlyStoppingPatience: Int?
  @Flag(inversion: .prefixedNo, help: "Generate captions in evaluations and measure them.")
  var predictWithGenerate: Bool?
  @Option(help: "The most tokens of captions generated in evaluations.")
  var generationMaxLength: Int?
  @Option(help: "Beams in evaluations.")
  var generationNumBeams: Int?
  @Option(help: "Steps between entries of the log.")
  var loggingSteps: Int?
  @Option(help: "Decides the order of data and dropout.")
  var seed: UInt64?
  @Flag(inversion: .prefixedNo, help: "Compute in bfloat16; weights stay float32.")
  var bf16: Bool?
  @Option(
    help:
      "The most labels of a caption, its end token included; as many as the decoder has positions at most.")
  var maxTargetLength: Int?
  @Flag(inversion: .prefixedNo, help: "Leave the encoder as it is.")
  var freezeEncoder: Bool?
  @Flag(inversion: .prefixedNo, help: "Leave the decoder as it is.")
  var freezeDecoder: Bool?
  @Option(
    help: """
      A folder for a frozen encoder's hidden states: each picture is encoded once, in this run and later ones.
      """)
  var featureCache: String?
  @Option(help: "What they are kept as: float32, bfloat16, or auto for what the run computes in.")
  var featureCacheDtype: FeatureType?
  @Flag(
    inversion: .prefixedNo,
    help: "Compute the layers' activations once more on the way back: a third slower, but less memory.")
  var gradientCheckpointing: Bool?
  @Option(help: "Threads that read pictures ahead.")
  var dataloaderNumWorkers: Int?
  @Flag(
    inversion: .prefixedNo,
    help: "All captions of an image in one batch, which encodes it once (the default).")
  var groupCaptions: Bool?
  @Flag(inversion: .prefixedNo, help: "Another order in each epoch (the default).")
  var shuffle: Bool?
  @Flag(inversion: .prefixedNo, help: "Every batch as wide as --max-target-length.")
  var padToMaxLength: Bool?
  @Flag(
    inversion: .prefixedNo,
    help: "Count padding in the loss and add no end token, as a well-known tutorial does.")
  var lossOnPadding: Bool?

  /// - Throws: ``TrainingConfigurationError`` for a file that can't be understood.
  func arguments() throws -> TrainingArguments {
    var result =
      try config.map { try TrainingConfiguration.read(URL(fileURLWithPath: $0)) } ?? TrainingArguments()
    func set<Value>(_ path: WritableKeyPath<TrainingArguments, Value>, _ value: Value?) {
      if let value { result[keyPath: path] = value }
    }
    set(\.numTrainEpochs, numTrainEpochs)
    set(\.maxSteps, maxSteps)
    set(\.perDeviceTrainBatchSize, perDeviceTrainBatchSize)
    set(\.perDeviceEvalBatchSize, perDeviceEvalBatchSize)
    set(\.gradientAccumulationSteps, gradientAccumulationSteps)
    set(\.learningRate, learningRate)
    set(\.weightDecay, weightDecay)
    set(\.adamBeta1, adamBeta1)
    set(\.adamBeta2, adamBeta2)
    set(\.adamEpsilon, adamEpsilon)
    set(\.maxGradNorm, maxGradNorm)
    set(\.lrSchedulerType, lrSchedulerType)
    set(\.warmupSteps, warmupSteps)
    set(\.warmupRatio, warmupRatio)
    set(\.labelSmoothingFactor, labelSmoothingFactor)
    set(\.evalStrategy, evalStrategy)
    set(\.evalSteps, evalSteps)
    set(\.saveStrategy, saveStrategy)
    set(\.saveSteps, saveSteps)
    set(\.saveTotalLimit, saveTotalLimit)
    set(\.overwriteOutputDir, overwriteOutputDir)
    set(\.loadBestModelAtEnd, loadBestModelAtEnd)
    set(\.metricForBestModel, metricForBestModel)
    set(\.earlyStoppingPatience, earlyStoppingPatience)
    set(\.predictWithGenerate, predictWithGenerate)
    set(\.generationMaxLength, generationMaxLength)
    set(\.generationNumBeams, generationNumBeams)
    set(\.loggingSteps, loggingSteps)
    set(\.seed, seed)
    set(\.bf16, bf16)
    set(\.maxTargetLength, maxTargetLength)
    set(\.freezeEncoder, freezeEncoder)
    set(\.freezeDecoder, freezeDecoder)
    set(\.featureCache, featureCache)
    set(\.featureCacheDtype, featureCacheDtype)
    set(\.gradientCheckpointing, gradientCheckpointing)
    set(\.dataloaderNumWorkers, dataloaderNumWorkers)
    set(\.groupCaptions, groupCaptions)
    set(\.shuffle, shuffle)
    set(\.padToMaxLength, padToMaxLength)
    set(\.lossOnPadding, lossOnPadding)
    return result
  }
}

extension SchedulerType: ExpressibleByArgument {}
extension IntervalStrategy: ExpressibleByArgument {}
extension FeatureType: ExpressibleByArgument {}

/// Training arguments from a YAML file.
enum TrainingConfiguration {
  static func read(_ url: URL) throws -> TrainingArguments {
    let text = try String(contentsOf: url, encoding: .utf8)
    var fields = try defaults()
    do {
      guard let values = try Yams.load(yaml: text) as? [String: Any] else {
        throw TrainingConfigurationError(path: url.path, problem: "expected a list of `option: value`")
      }
      for (name, value) in values {
        let key = camelCase(name)
        guard fields[key] != nil else {
          throw TrainingConfigurationError(path: url.path, problem: "there is no option \(name)")
        }
        fields[key] = value
      }
      return try JSONDecoder().decode(
        TrainingArguments.self, from: JSONSerialization.data(withJSONObject: fields))
    } catch let error as DecodingError {
      let key = error.field ?? "?"
      throw TrainingConfigurationError(path: url.path, problem: "\(key) has a value of the wrong kind")
    } catch let error as YamlError {
      throw TrainingConfigurationError(path: url.path, problem: "\(error)")
    }
  }

  private static func defaults() throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: JSONEncoder().encode(TrainingArguments())) as? [String: Any] ?? [:]
  }

  /// `learning_rate` or `learning-rate` → `learningRate`
  private static func camelCase(_ name: String) -> String {
    let words = name.split { $0 == "_" || $0 == "-" }
    return (words.first ?? "") + words.dropFirst().map(\.capitalized).joined()
  }
}

extension DecodingError {
  fileprivate var field: String? {
    switch self {
    case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
      .dataCorrupted(let context):
      context.codingPath.last?.stringValue
    @unknown default: nil
    }
  }
}

struct TrainingConfigurationError: Error, CustomStringConvertible {
  let path: String
  let problem: String

  var description: String { "\(path): \(problem)" }
}
