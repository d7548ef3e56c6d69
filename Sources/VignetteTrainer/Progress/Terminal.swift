import Foundation

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
