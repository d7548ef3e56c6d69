import Foundation

/// A loss or gradient that is not a number: learning from it would spoil every weight.
public struct NonFiniteLossError: Error, CustomStringConvertible, LocalizedError {
  let what: String
  let value: Float

  public var description: String {
    "the \(what) is \(value); try a lower --learning-rate, more --warmup-steps, or a smaller --max-grad-norm"
  }

  public var errorDescription: String? { description }
}
