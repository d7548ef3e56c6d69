/// A value in a JSON document that isn't what its reader needs.
public struct JSONFieldError: Error, Equatable, CustomStringConvertible {
  public let file: String
  /// The dotted path of the value; empty for the whole document.
  public let key: String
  public let expected: String
  public let found: String

  public var description: String {
    "\(file): \(key.isEmpty ? "" : "\(key): ")expected \(expected), found \(found)"
  }
}
