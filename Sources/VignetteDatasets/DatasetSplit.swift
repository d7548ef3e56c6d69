/// A part of a data set.
public enum DatasetSplit: String, Sendable, CaseIterable {
  case train
  case validation
  case test

  /// The split that goes by `name`, as data sets and Hugging Face's folders call them.
  init?(name: some StringProtocol) {
    switch name.lowercased() {
    case "train", "training", "restval": self = .train
    case "validation", "valid", "val", "dev": self = .validation
    case "test", "testing", "eval", "evaluation": self = .test
    default: return nil
    }
  }
}
