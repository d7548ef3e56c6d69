import Foundation

/// An option by Hugging Face's name (`learning_rate`), as errors speak of it: library rooms don't know whether it came
/// from a flag, a file, a request or a Swift property. In texts it stands in backquotes, and who asked the user for
/// it spells it as the user would: the command prints `--learning-rate`.
public struct Setting: Sendable, Hashable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// In lower case, words joined by `_`.
  public let name: String

  public init(_ name: String) { self.name = name }

  public init(stringLiteral name: String) { self.init(name) }

  public var description: String { "`\(name)`" }

  /// A text with each setting in it spelled anew; other words in backquotes stay as they are.
  ///
  /// - Parameter spelling: how the user knows the setting of this name; nil where it is none.
  public static func respell(_ text: String, as spelling: (String) -> String?) -> String {
    var result = ""
    var rest = text[...]
    while let start = rest.firstIndex(of: "`") {
      let name = rest[rest.index(after: start)...].prefix { $0 != "`" }
      guard name.endIndex < rest.endIndex else { break }
      let end = rest.index(after: name.endIndex)
      result += rest[..<start] + (spelling(String(name)) ?? String(rest[start..<end]))
      rest = rest[end...]
    }
    return result + rest
  }
}

/// A setting whose value can't be used.
public struct SettingError: PlainError, Equatable {
  public let setting: Setting
  /// What follows the setting's name in a sentence: "must be positive, but is -1".
  public let problem: String

  public init(_ setting: Setting, _ problem: String) {
    self.setting = setting
    self.problem = problem
  }

  public var description: String { "\(setting) \(problem)" }
}
