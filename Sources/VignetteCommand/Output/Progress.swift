import VignetteFiles
import VignetteReports

/// A progress bar where there is more than one thing to do.
final class Progress: Sendable {
  private let bar: ProgressBar?

  init(_ title: String, total: Int, unit: ProgressUnit) {
    bar = total > 1 ? ProgressBar(title, total: total, unit: unit) : nil
  }

  /// A bar for as many things as there will be.
  init(_ title: String, unit: ProgressUnit) { bar = ProgressBar(title, total: nil, unit: unit) }

  func advance(by count: Int = 1) { bar?.advance(by: count) }

  /// Says how many are done in all.
  func update(to completed: Int) { bar?.update(to: completed) }

  /// Prints a line of results, the bar out of the way.
  ///
  /// - Throws: `SystemError` where it can't be written.
  func print(_ line: String) throws {
    guard let bar else { return try StandardOutput.print(line) }
    try bar.interrupt { try StandardOutput.print(line) }
  }

  /// Prints a line of chatter above the bar.
  func say(_ line: String) {
    let line = TerminalText.escaped(FlagSpelling.spelled(line), keepsLines: false)
    guard let bar else { return StandardError.print(line) }
    bar.println(line)
  }

  func finish() { bar?.finish(leavesLine: false) }
}
