import VignetteFiles

/// An option of a run and its value, as reports and checkpoints show it.
public struct SettingValue: Sendable, Hashable {
  /// Hugging Face's name.
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension TrainingArguments {
  /// The options and their values under Hugging Face's names, in their order here; those that are empty are left out.
  public var settings: [SettingValue] { optionTexts.map { SettingValue($0.name, $0.value) } }
}
