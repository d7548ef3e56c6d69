public import Foundation
import Logging

/// Writes a run's log as TensorBoard event files.
public final class TensorBoardCallback: TrainerCallback {
  private let folder: URL
  private var writer: EventFileWriter?

  /// - Parameter folder: gets a file for each time that the run is started; made where it doesn't exist.
  public init(folder: URL) { self.folder = folder }

  public func trainingBegan(_ state: TrainerState) {
    reporting {
      writer = try EventFileWriter(folder: folder, resumedStep: state.globalStep > 0 ? state.globalStep : nil)
    }
  }

  public func logged(_ entry: LogEntry) {
    reporting { try writer?.log(entry) }
  }

  /// A log that can't be written is no reason to lose a run.
  private func reporting(_ work: () throws -> Void) {
    do { try work() } catch { Logger(label: "vignette.training").warning("\(error)") }
  }
}
