import Dispatch
import Foundation

/// Ctrl-C and SIGTERM, which ask a program to end: the first one is handed over, a second one ends the program at once.
final class EndSignals {
  private let sources: [any DispatchSourceSignal]
  private let numbers: [CInt]

  /// - Parameter onFirst: called on a thread of its own.
  init(_ onFirst: @escaping @Sendable () -> Void) {
    // What the caller had ignored, as shells do for jobs in the background, stays ignored.
    let numbers = [SIGINT, SIGTERM].filter { !Self.isIgnored($0) }
    self.numbers = numbers
    sources = numbers.map { number in
      // A handler of Dispatch's gets only signals that nobody else handles.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        for number in numbers { signal(number, SIG_DFL) }
        onFirst()
      }
      source.resume()
      return source
    }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in numbers { signal(number, SIG_DFL) }
  }

  private static func isIgnored(_ number: CInt) -> Bool {
    let former = signal(number, SIG_IGN)
    signal(number, former)
    return unsafeBitCast(former, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
