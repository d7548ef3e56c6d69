public import Foundation
public import VignetteDatasets

/// Why training can't start or go on.
public enum TrainingError: Error, CustomStringConvertible, LocalizedError {
  /// An option, as the command line spells it, has a value that doesn't do; with what it requires.
  case argument(String, String)
  /// The model's config.json lacks a special token.
  case missingToken(String)
  /// The tokenizer knows tokens that the decoder doesn't.
  case vocabulary(token: Int, vocabularySize: Int)
  /// There is nothing to learn from, or to measure on.
  case noCaptions(DatasetSplit)
  /// Not one of a split's images could be read; with their number.
  case noReadableImages(Int, DatasetSplit)
  /// The output folder holds checkpoints that the run isn't the continuation of, up to this step.
  case usedFolder(path: String, step: Int)
  /// A checkpoint can't be resumed.
  case checkpoint(path: String, problem: String)
  /// A loss, a gradient or a weight is no number; with the last checkpoint that is known to be good.
  case diverged(step: Int, what: String, lastCheckpoint: String?)
  /// The files of a feature cache can't be used.
  case featureCache(path: String, problem: String)
  /// Somebody asked the run to stop; with the checkpoint to go on from.
  case stopped(step: Int, checkpoint: String?)
  /// The metric that is to tell the best model isn't measured.
  case unknownMetric(String, known: [String])

  public var description: String {
    switch self {
    case .argument(let option, let requirement): "\(option) \(requirement)"
    case .missingToken(let field):
      "the model's config.json has no \(field): set it, or make the model with `vignette init`"
    case .vocabulary(let token, let size):
      "the tokenizer has a token \(token), but the decoder's vocab_size is \(size): they belong to different models"
    case .noCaptions(let split): "the \(split.rawValue) split holds no captions"
    case .noReadableImages(let count, let split):
      "none of the \(count) images of the \(split.rawValue) split that were tried could be read; skipped.jsonl in the "
        + "output folder says why"
    case .usedFolder(let path, let step):
      "\(path) holds checkpoints up to checkpoint-\(step), which are not this run's: go on from them with "
        + "--resume-from-checkpoint latest, choose another --output, or remove them with --overwrite-output-dir"
    case .checkpoint(let path, let problem): "\(path): \(problem)"
    case .diverged(let step, let what, let last):
      "step \(step): \(what)"
        + (last.map { "; the last good checkpoint is \($0)" } ?? "; no checkpoint before is known to be good")
    case .featureCache(let path, let problem): "\(path): \(problem)"
    case .stopped(let step, let checkpoint):
      "stopped after step \(step)"
        + (checkpoint.map { "; \($0) is there to go on from" } ?? "; there is no checkpoint to go on from")
    case .unknownMetric(let name, let known):
      "--metric-for-best-model \(name): evaluation gives \(known.joined(separator: ", "))"
    }
  }

  /// Whether the run ended because somebody wanted it to.
  public var isStop: Bool {
    if case .stopped = self { true } else { false }
  }

  /// Whether there is a checkpoint to go on from after a stop.
  public var canGoOn: Bool {
    if case .stopped(_, .some) = self { true } else { false }
  }

  public var errorDescription: String? { description }
}
