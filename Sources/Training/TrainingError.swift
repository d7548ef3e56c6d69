import Foundation

/// Why training can't start or go on.
public enum TrainingError: Error, CustomStringConvertible, LocalizedError {
  case argument(String, String)
  case missingToken(String)
  case noCaptions
  case checkpoint(path: String, problem: String)
  case diverged(step: Int, what: String, lastCheckpoint: String?)
  case featureCache(path: String, problem: String)
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
