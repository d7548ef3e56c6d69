public import Foundation

/// An error whose description is the line that a user reads.
public protocol PlainError: LocalizedError, CustomStringConvertible, Sendable {}

extension PlainError {
  public var errorDescription: String? { description }
}
