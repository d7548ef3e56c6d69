import ArgumentParser
import Vignette

/// A number of threads that computation can have.
struct ThreadCount: DescribedArgument {
  static let expectation = "an integer from 1 to \(Threads.maximum)"

  let value: Int

  init?(argument: String) {
    guard let value = Int(argument), (1...Threads.maximum).contains(value) else { return nil }
    self.value = value
  }
}
