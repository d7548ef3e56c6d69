import Foundation
public import VignetteFiles

/// Why a run can't start, go on or end well.
public enum TrainingError: PlainError {
  /// The output folder holds checkpoints that the run isn't the continuation of, up to this step.
  case usedFolder(path: String, step: Int)
  /// A checkpoint that is whole is newer than the one to go on from.
  case newerCheckpoint(path: String, than: String)
  /// Another process runs in the output folder.
  case folderInUse(path: String, by: String)
  /// A checkpoint can't be resumed.
  case checkpoint(path: String, problem: String)
  /// A loss, a gradient or a weight is no number; with the last checkpoint that is known to be good.
  case diverged(step: Int, what: String, lastCheckpoint: String?)
  /// Somebody asked the run to stop; with the checkpoint to go on from.
  case stopped(step: Int, checkpoint: String?)
  /// The trainer has no data set to evaluate on.
  case noEvaluation

  private static let latest = Setting("resume_from_checkpoint=latest")
  private static let overwriting: Setting = "overwrite_output_dir"

  public var description: String {
    switch self {
    case .usedFolder(let path, let step):
      "\(path) holds checkpoints up to checkpoint-\(step), which are not this run's: go on from them with "
        + "\(Self.latest), choose another output folder, or remove them with \(Self.overwriting)"
    case .newerCheckpoint(let path, let older):
      "\(path) is newer than \(older), from which the run is to go on: go on from it with \(Self.latest), choose "
        + "another output folder, or remove it with \(Self.overwriting)"
    case .folderInUse(let path, let process):
      "\(path) is used by \(process): two runs can't share an output folder"
    case .checkpoint(let path, let problem): "\(path): \(problem)"
    case .diverged(let step, let what, let last):
      "step \(step): \(what)"
        + (last.map { "; the last good checkpoint is \($0)" } ?? "; no checkpoint before is known to be good")
    case .stopped(let step, let checkpoint):
      "stopped after step \(step)"
        + (checkpoint.map { "; \($0) is there to go on from" } ?? "; there is no checkpoint to go on from")
    case .noEvaluation: "the trainer was given no data set to evaluate on"
    }
  }

  /// Whether the run ended because somebody wanted it to.
  public var isStop: Bool {
    if case .stopped = self { true } else { false }
  }

  /// Whether there is a checkpoint to go on from after a stop.
  public var canGoOn: Bool {
    if case .stopped(_, .some) = self { true } else { false }
  }
}
