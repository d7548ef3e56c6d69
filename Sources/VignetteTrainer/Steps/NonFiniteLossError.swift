public import Foundation

/// A loss or gradient that is not a number: learning from it would spoil every weight.
public struct NonFiniteLossError: Error, CustomStringConvertible, LocalizedError {
  let what: String
  let value: Float

  public var description: String {
    // Swift prints the sign of a NaN, which means nothing.
    "the \(what) is \(value.isNaN ? "not a number" : "infinite"); try a lower --learning-rate, more --warmup-steps, or a "
      + "--max-grad-norm of 1 or less"
  }

  public var errorDescription: String? { description }
}
