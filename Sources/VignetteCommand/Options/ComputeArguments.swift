public import ArgumentParser
import Vignette

/// How many threads compute.
struct ComputeArguments: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: """
      Number of threads, 1 to \(Threads.maximum); by default VIGNETTE_NUM_THREADS, else all processors that this process may use.
      """)
  var threads: ThreadCount?

  func apply() {
    if let threads {
      Threads.count = threads.value
    } else if let problem = Threads.environmentProblem {
      StandardError.print("vignette: \(problem)")
    }
  }
}

extension Precision: ExpressibleByArgument {}
