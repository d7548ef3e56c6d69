import Foundation
import Training

/// Writes a run's log as TensorBoard event files.
final class TensorBoardReporter: TrainerCallback {
  private let folder: URL
  private var writer: EventFileWriter?

  init(folder: URL) { self.folder = folder }

  func trainingBegan(_ state: TrainerState) {
    reporting {
      writer = try EventFileWriter(folder: folder, resumedStep: state.globalStep > 0 ? state.globalStep : nil)
    }
  }

  func logged(_ entry: LogEntry) {
    reporting { try writer?.log(entry) }
  }

  /// A log that can't be written is no reason to lose a run.
  private func reporting(_ work: () throws -> Void) {
    do { try work() } catch { StandardError.print("vignette: \(error)") }
  }
}
