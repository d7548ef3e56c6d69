import VignetteFiles
import VignetteReports

/// A bar for bytes that come or go, with the time left; a line now and then where there is no terminal.
final class TransferProgress: Sendable {
  private let bar: ProgressBar?

  /// - Parameter done: how many bytes of `total` need no time any more.
  init(_ title: String, _ total: Int, done: Int = 0) {
    bar =
      total > done
      ? ProgressBar(
        title, total: total, unit: .bytes, completed: done, output: .standardError(linesEvery: 30)) : nil
  }

  /// Says how many bytes are done in all.
  func update(to completed: Int) { bar?.update(to: completed) }

  func advance(by count: Int) { bar?.advance(by: count) }

  func say(_ line: String) {
    let line = TerminalText.escaped(line, keepsLines: false)
    guard let bar else { return StandardError.print(line) }
    bar.println(line)
  }

  func finish(leavesLine: Bool = true) { bar?.finish(leavesLine: leavesLine) }
}
