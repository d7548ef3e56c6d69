/// The names of a training run's checkpoint folders, as Hugging Face's Trainer gives them: `checkpoint-<step>`.
package enum CheckpointName {
  private static let prefix = "checkpoint-"

  package static func name(step: Int) -> String { "\(prefix)\(step)" }

  /// The step of a checkpoint's name; nil for any other name, such as `checkpoint-007`.
  package static func step(of name: String) -> Int? {
    guard name.hasPrefix(prefix), let step = Int(name.dropFirst(prefix.count)), step >= 0,
      self.name(step: step) == name
    else { return nil }
    return step
  }
}
