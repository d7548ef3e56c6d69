extension TrainingArguments {
  /// The options and their values under Hugging Face's names, in their order here; those that are empty are left out.
  public var settings: [Setting] {
    Mirror(reflecting: self).children.compactMap { child in
      let value = (child.value as? any RawRepresentable).map { "\($0.rawValue)" } ?? "\(child.value)"
      return child.label.flatMap { value.isEmpty ? nil : Setting(Self.snakeCase($0), value) }
    }
  }

  private static func snakeCase(_ name: String) -> String {
    name.reduce(into: "") { $0 += $1.isUppercase ? "_\($1.lowercased())" : "\($1)" }
  }
}
