public import Foundation

/// An error whose description is the line that a user reads.
public protocol PlainError: LocalizedError, CustomStringConvertible, Sendable {}

extension PlainError {
  public var errorDescription: String? { description }
}

/// A file or folder whose contents, or whose kind, aren't what is needed.
public struct FileError: PlainError, Equatable {
  public let path: String
  public let problem: String

  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "\(path): \(Excerpt(problem: problem))" }
}

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
