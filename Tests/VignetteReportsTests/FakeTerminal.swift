import Foundation
import Synchronization
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

/// A terminal of a test's own: what was written, and a clock that the test moves.
final class FakeTerminal: Sendable {
  let time = Mutex(0.0)
  let written = Mutex("")

  func output(_ kind: ProgressOutput.Kind) -> ProgressOutput {
    ProgressOutput(
      kind: kind, columns: { 60 }, write: { [self] text in written.withLock { $0 += text } },
      now: { [self] in time.withLock { $0 } })
  }

  func wait(_ seconds: Double) { time.withLock { $0 += seconds } }

  func take() -> String {
    written.withLock { text in
      defer { text = "" }
      return text
    }
  }

  /// What stands on the screen after `text`, which only knows carriage return, line feed and clearing to the end.
  static func screen(_ text: String) -> [String] {
    var lines = [[Character]()]
    var column = 0
    for character in text.replacingOccurrences(of: "\u{1B}[K", with: "\u{1}") {
      let last = lines.count - 1
      switch character {
      case "\r": column = 0
      case "\n":
        lines.append([])
        column = 0
      case "\u{1}": lines[last] = Array(lines[last].prefix(column))
      default:
        if column < lines[last].count {
          lines[last][column] = character
        } else {
          lines[last].append(character)
        }
        column += 1
      }
    }
    return lines.map { String($0) }
  }
}
