/// When something is done during training: Hugging Face's interval strategies.
public enum IntervalStrategy: String, Sendable, CaseIterable, Codable {
  /// Never.
  case no
  /// After every so many steps.
  case steps
  /// At the end of each epoch.
  case epoch
}
