import Foundation

/// Why training can't start or go on.
public enum TrainingError: Error, CustomStringConvertible, LocalizedError {
  /// An option, as the command line spells it, has a value that doesn't do; with what it requires.
  case argument(String, String)
  /// The model's config.json lacks a special token.
  case missingToken(String)
  /// There is nothing to learn from.
  case noCaptions
  /// A checkpoint can't be resumed.
  case checkpoint(path: String, problem: String)
  /// A loss or a gradient is no number; the weights are still those of the step before.
  case diverged(step: Int, what: String, lastCheckpoint: String?)
  /// The files of a feature cache can't be used.
  case featureCache(path: String, problem: String)
  /// The metric that is to tell the best model isn't measured.
  case unknownMetric(String, known: [String])

  public var description: String {
    switch self {
    case .argument(let option, let requirement): "\(option) \(requirement)"
    case .missingToken(let field):
      "the model's config.json has no \(field): set it, or make the model with `vignette init`"
    case .noCaptions: "the training split holds no captions"
    case .checkpoint(let path, let problem): "\(path): \(problem)"
    case .diverged(let step, let what, let last):
      "step \(step): \(what)"
        + (last.map { "; the last good checkpoint is \($0)" } ?? "; no checkpoint had been saved yet")
    case .featureCache(let path, let problem): "\(path): \(problem)"
    case .unknownMetric(let name, let known):
      "--metric-for-best-model \(name): evaluation gives \(known.joined(separator: ", "))"
    }
  }

  public var errorDescription: String? { description }
}
