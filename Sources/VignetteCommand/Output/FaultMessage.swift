import Foundation

/// A last line for a program that a fault ends, which would else be gone without a word.
///
/// Swift's checks end an optimised program by a signal alone, and so does a mapped file that someone shortens.
enum FaultMessage {
  static func install() {
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGFPE] {
      report(number) { number in
        FaultMessage.say(
          "\nvignette: ended by a fault of its own; please report it with the command line. What was saved is whole.\n"
        )
        FaultMessage.end(by: number)
      }
    }
    report(SIGBUS) { number in
      FaultMessage.say(
        "\nvignette: a file was shortened while it was in use, perhaps the model's; write to another folder\n"
      )
      FaultMessage.end(by: number)
    }
  }

  /// Swift's own backtraces, where they are switched on, go before.
  private static func report(_ number: CInt, _ handler: @escaping @convention(c) (CInt) -> Void) {
    if let other = signal(number, handler) { signal(number, other) }
  }

  /// Nothing here may allocate: the fault can be anywhere.
  private static func say(_ text: StaticString) {
    _ = write(STDERR_FILENO, text.utf8Start, text.utf8CodeUnitCount)
  }

  private static func end(by number: CInt) {
    signal(number, SIG_DFL)
    raise(number)
  }
}
