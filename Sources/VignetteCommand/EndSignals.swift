import Dispatch
import Foundation

/// Ctrl-C and SIGTERM, which ask a program to end: the first one is handed over, a second one ends the program at once.
final class EndSignals {
  private let sources: [any DispatchSourceSignal]
  private static let signals = [SIGINT, SIGTERM]

  /// - Parameter onFirst: called on a thread of its own.
  init(_ onFirst: @escaping @Sendable () -> Void) {
    sources = Self.signals.map { number in
      // A handler of Dispatch's is told only of signals that nobody else handles.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        for number in Self.signals { signal(number, SIG_DFL) }
        onFirst()
      }
      source.resume()
      return source
    }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in Self.signals { signal(number, SIG_DFL) }
  }
}
