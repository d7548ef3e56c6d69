/// What a terminal can show.
public struct ProgressStyle: Sendable, Hashable {
  public var usesColor: Bool
  /// Lines drawn with characters outside ASCII.
  public var usesUnicode: Bool

  public init(usesColor: Bool, usesUnicode: Bool) {
    self.usesColor = usesColor
    self.usesUnicode = usesUnicode
  }

  public static let plain = ProgressStyle(usesColor: false, usesUnicode: true)
}
