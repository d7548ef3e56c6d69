import Synchronization
import VignetteTrainer

/// Lets a training run end in good order on Ctrl-C or SIGTERM: after the step, with a checkpoint.
final class InterruptionCallback: TrainerCallback {
  private let flag: Flag
  private let signals: EndSignals

  private final class Flag: Sendable {
    let isRaised = Atomic(false)
  }

  init() {
    let flag = Flag()
    self.flag = flag
    signals = EndSignals {
      flag.isRaised.store(true, ordering: .relaxed)
      StandardError.print(
        "\nstopping after this step, and its evaluation if one is due; once more stops at once")
    }
  }

  var wantsStop: Bool { flag.isRaised.load(ordering: .relaxed) }
}
