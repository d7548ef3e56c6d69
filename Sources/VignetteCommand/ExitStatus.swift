import ArgumentParser
import Logging

/// What scripts can tell from the exit status, besides 0 and ArgumentParser's 64 for a wrong command line.
enum ExitStatus {
  /// Some inputs failed; the others were done.
  static let someFailed = ExitCode(1)
  /// The model, the data or an option's value doesn't work.
  static let unusable = ExitCode(2)
  /// A run is trained, without images that couldn't be read.
  static let imagesLeftOut = ExitCode(3)
  /// Ctrl-C, as shells count it.
  static let interrupted = ExitCode(130)
}

/// Runs a command's work, and turns what it throws into one line and an exit status.
func reportingErrors(_ work: () throws -> Void) throws {
  prepareReporting()
  do { try work() } catch { throw exitCode(of: error, goesOn: "run it again") }
}

/// Runs a command's asynchronous work, and turns what it throws into one line and an exit status.
///
/// The first Ctrl-C or SIGTERM cancels the work, which ends with what it has printed; a second one ends the program at
/// once.
///
/// - Parameters:
///   - goesOn: what the user does to go on when the disk was full.
///   - stopping: what is printed on the first signal where the end takes a while.
///   - logging: what the library's messages go to, by their logger's label.
///   - ending: what the first signal does instead of cancelling the work; false where the work is to be cancelled.
func reportingErrors(
  goesOn: String = "run it again", stopping: String? = nil,
  logging: @escaping @Sendable (String) -> any LogHandler = { _ in PlainLogHandler() },
  ending: @escaping @Sendable () -> Bool = { false },
  _ work: @escaping @Sendable () async throws -> Void
) async throws {
  prepareReporting(logging)
  let task = Task { try await work() }
  let signals = EndSignals {
    if let stopping { StandardError.print("\n\(stopping)") }
    if !ending() { task.cancel() }
  }
  defer { withExtendedLifetime(signals) {} }
  do {
    try await task.value
  } catch is CancellationError {
    StandardError.print("vignette: stopped")
    throw ExitStatus.interrupted
  } catch {
    throw exitCode(of: error, goesOn: goesOn)
  }
}

private func prepareReporting(
  _ logging: @escaping @Sendable (String) -> any LogHandler = { _ in PlainLogHandler() }
) {
  FaultMessage.install()
  LoggingSystem.bootstrap(logging)
}

private func exitCode(of error: any Error, goesOn: String) -> ExitCode {
  if let code = error as? ExitCode { return code }
  StandardError.print("vignette: \(ErrorLine(error, goesOn: goesOn))")
  return ExitStatus.unusable
}
