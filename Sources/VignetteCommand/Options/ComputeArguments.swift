import ArgumentParser
import Vignette

/// What is computed in, and on how many threads.
struct ComputeArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: "Threads; by default VIGNETTE_NUM_THREADS, else all processors that this process may use.")
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, but is \(threads)") }
  }

  func apply() {
    if let threads { Threads.count = threads }
  }
}

extension DType: ExpressibleByArgument {}
