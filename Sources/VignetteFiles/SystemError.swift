public import Foundation

/// A file operation that the operating system refused.
public struct SystemError: PlainError, Equatable {
  /// What was tried, as a verb: "open", "write".
  public let action: String
  public let path: String
  /// The value of `errno`.
  public let code: Int32

  public init(_ action: String, _ path: String, code: Int32 = errno) {
    self.action = action
    self.path = path
    self.code = code
  }

  public var description: String {
    "can't \(action) \(path): \(String(cString: strerror(code)))"
  }
}
