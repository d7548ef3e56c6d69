import Foundation

/// A file whose bytes aren't what its format promises.
public struct MalformedFileError: PlainError, Equatable {
  public let path: String
  public let problem: String

  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  public var description: String { "\(path): \(problem)" }
}
