import ArgumentParser

/// A value of the command line that says what it has to be.
protocol DescribedArgument: ExpressibleByArgument {
  /// As it goes on after "expected": "an integer from 1 to 8".
  static var expectation: String { get }
}
