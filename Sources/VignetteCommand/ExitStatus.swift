import ArgumentParser
import Logging

/// What scripts can tell from the exit status, besides 0 and ArgumentParser's 64 for a wrong command line.
enum ExitStatus {
  /// Some inputs failed; the others were done.
  static let someFailed = ExitCode(1)
  /// The model, the data or an option's value doesn't work.
  static let unusable = ExitCode(2)
  /// Ctrl-C, as shells count it.
  static let interrupted = ExitCode(130)
}

/// Runs a command's work, and turns what it throws into one line and an exit status.
///
/// - Parameter goesOn: what the user does to go on when the disk was full.
func reportingErrors(goesOn: String = "run it again", _ work: () throws -> Void) throws {
  FaultMessage.install()
  LoggingSystem.bootstrap { _ in PlainLogHandler() }
  do {
    try work()
  } catch let code as ExitCode {
    throw code
  } catch {
    StandardError.print("vignette: \(ErrorLine(error, goesOn: goesOn))")
    throw ExitStatus.unusable
  }
}
