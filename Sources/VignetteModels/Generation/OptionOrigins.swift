import VignetteFiles

/// Where options of a checkpoint stand, by Hugging Face's names, so that errors name the file of what came from one, and
/// the caller's setting of what came from the caller.
struct OptionOrigins: Sendable, Equatable {
  private struct Origin: Sendable {
    let field: JSONField
    /// What was read there. An option that was changed since has its value from the caller.
    let value: JSONValue
  }

  private var origins: [String: Origin] = [:]

  /// They are no part of what options ask for.
  static func == (_: OptionOrigins, _: OptionOrigins) -> Bool { true }

  mutating func note(_ name: String, _ value: JSONValue?, at field: JSONField) {
    origins[name] = value.map { Origin(field: field, value: $0) }
  }

  /// Takes over where `name` stands in other options, there maybe under another name.
  mutating func take(_ name: String, from other: OptionOrigins, as otherName: String? = nil) {
    origins[name] = other.origins[otherName ?? name]
  }

  /// Where an option of this value stands; nil where it is none of a file's.
  func field(_ name: String, value: JSONValue?) -> JSONField? {
    origins[name].flatMap { $0.value == value ? $0.field : nil }
  }
}

extension GenerationOptions {
  /// The position in a checkpoint's file that an option has its value from; nil where that is the caller's.
  func origin(of name: Setting) -> JSONField? {
    let field = GenerationField.all.first { $0.name == name.name }
    return field.flatMap { origins.field(name.name, value: $0.write(self)) }
  }

  /// What is wrong with an option's value, as an error of the file in which it stands or of the caller's setting.
  func problem(_ name: Setting, _ problem: String) -> any Error {
    origin(of: name)?.error(problem) ?? SettingError(name, problem)
  }

  /// An option in a sentence, with its value if that is to be told, and the file in which it stands.
  func named(_ name: Setting, _ value: Any? = nil) -> String {
    let value = value.map { " \($0)" } ?? ""
    return origin(of: name).map { "\($0.key)\(value) (in \($0.file))" } ?? "\(name)\(value)"
  }
}
