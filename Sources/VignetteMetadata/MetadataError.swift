import Foundation
import VignetteFiles

/// Why metadata can't be read or written.
package struct MetadataError: PlainError, Equatable {
  package enum Problem: Sendable, Equatable {
    /// The bytes aren't the format's that they should be; nothing is made of them.
    case damaged(String)
    /// They are, but of a kind that isn't written.
    case unsupported(String)
    /// What would be written doesn't fit where it belongs.
    case tooLarge(String)
    /// Another program wrote the file meanwhile.
    case changedMeanwhile
  }

  package let problem: Problem
  /// The file; nil for bytes in memory.
  package let path: String?

  init(_ problem: Problem, path: String? = nil) {
    self.problem = problem
    self.path = path
  }

  /// The same of the file at `path`.
  package func of(_ path: String) -> MetadataError { MetadataError(problem, path: path) }

  /// What is wrong, without the path.
  package var reason: String {
    switch problem {
    case .damaged(let reason), .unsupported(let reason), .tooLarge(let reason): reason
    case .changedMeanwhile: "was changed by another program meanwhile"
    }
  }

  package var description: String {
    let reason = "\(Excerpt(problem: reason))"
    return path.map { "\($0): \(reason)" } ?? reason
  }
}
