import Foundation
import Testing

/// Threads and what stands around a process: an environment that was made for other programs, and signals.
@Suite struct ThreadEnvironmentTests {
  /// oneDNN takes it for granted that a region has the threads that it asked for.
  @Test func settingsOfOpenMPChangeNothing() throws {
    let run = try TrainRun()
    func losses(_ variables: [String: String]) throws -> [Double] {
      let arguments = run.arguments(
        "run", ["--threads", "2", "--max-steps", "3", "--overwrite-output-dir"])
      let result = try Command.run(arguments, variables: variables)
      try #require(result.status == 0, "\(result.errors)")
      return try run.state().losses
    }
    let expected = try losses([:])
    #expect(expected.count == 3)
    for variables in [
      ["OMP_THREAD_LIMIT": "1"], ["OMP_DYNAMIC": "true"], ["OMP_MAX_ACTIVE_LEVELS": "0"],
      ["OMP_NUM_THREADS": "1"],
      ["OMP_NESTED": "true", "OMP_WAIT_POLICY": "passive"],
    ] {
      #expect(try losses(variables) == expected, "\(variables)")
    }
  }
}
