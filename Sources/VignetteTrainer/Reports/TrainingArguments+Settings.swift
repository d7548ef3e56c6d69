import VignetteFiles

extension TrainingArguments {
  /// The options and their values under Hugging Face's names, in their order here; those that are empty are left out.
  public var settings: [VignetteTrainer.Setting] {
    optionTexts.map { VignetteTrainer.Setting($0.name, $0.value) }
  }
}
