public import Foundation

/// Where a progress bar is shown, and how.
public struct ProgressOutput: Sendable {
  /// What is shown.
  public enum Kind: Sendable, Hashable {
    /// A bar on one line, drawn over and over.
    case bar(ProgressStyle)
    /// A sentence on a line of its own every so many seconds.
    case lines(every: Double)
    case nothing
  }

  let kind: Kind
  let columns: @Sendable () -> Int
  let write: @Sendable (String) -> Void
  let now: @Sendable () -> Double

  /// - Parameters:
  ///   - columns: the width of the terminal now.
  ///   - write: shows text, without adding to it.
  ///   - now: seconds from any beginning, never going back.
  public init(
    kind: Kind, columns: @escaping @Sendable () -> Int, write: @escaping @Sendable (String) -> Void,
    now: @escaping @Sendable () -> Double = { ProcessInfo.processInfo.systemUptime }
  ) {
    self.kind = kind
    self.columns = columns
    self.write = write
    self.now = now
  }

  /// Standard error: a bar if it is a terminal; otherwise a line every `seconds`, or nothing.
  ///
  /// - Parameter isForced: draws the bar even where there is no terminal.
  public static func standardError(
    isForced: Bool = false, linesEvery seconds: Double? = nil
  ) -> ProgressOutput {
    let terminal = Terminal(descriptor: STDERR_FILENO, environment: ProcessInfo.processInfo.environment)
    let otherwise = seconds.map(Kind.lines) ?? .nothing
    return ProgressOutput(
      kind: isForced || terminal.canRedraw ? .bar(terminal.style) : otherwise, columns: { terminal.columns },
      write: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })
  }

  /// Nothing is shown; `println` writes to standard error.
  public static let silent = ProgressOutput(
    kind: .nothing, columns: { 0 }, write: { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) })
}
