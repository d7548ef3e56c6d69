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

/// What a terminal can show.
public struct ProgressStyle: Sendable, Hashable {
  public var usesColor: Bool
  /// Lines drawn with characters outside ASCII.
  public var usesUnicode: Bool

  public init(usesColor: Bool, usesUnicode: Bool) {
    self.usesColor = usesColor
    self.usesUnicode = usesUnicode
  }

  public static let plain = ProgressStyle(usesColor: false, usesUnicode: true)
}

/// What stands behind a file descriptor.
package struct Terminal: Sendable {
  package let isTerminal: Bool
  private let descriptor: CInt
  private let environment: [String: String]

  package init(descriptor: CInt, environment: [String: String]) {
    self.descriptor = descriptor
    self.environment = environment
    isTerminal = isatty(descriptor) == 1
  }

  /// Whether a line can be drawn over.
  package var canRedraw: Bool { isTerminal && environment["TERM"] != "dumb" }

  /// Colours only on a terminal whose user didn't refuse them (no-color.org); lines outside ASCII only in a
  /// locale that has them.
  package var style: ProgressStyle {
    let refuses = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
    let encoding = locale.lowercased().replacingOccurrences(of: "-", with: "")
    return ProgressStyle(usesColor: canRedraw && !refuses, usesUnicode: encoding.hasSuffix("utf8"))
  }

  /// The terminal's width, else what COLUMNS says, else 80.
  package var columns: Int {
    var size = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return environment["COLUMNS"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
  }
}
