import Foundation

/// What watches a run: progress bars, tables, event files.
public protocol TrainerCallback: AnyObject {
  /// Training begins, or goes on after `state.globalStep` steps.
  func trainingBegan(_ state: TrainerState)
  /// A step of the optimiser was made.
  func stepEnded(_ state: TrainerState, loss: Double, learningRate: Double, captions: Int)
  /// Something was added to the log.
  func logged(_ entry: LogEntry)
  /// An evaluation is at batch `done` of `total`.
  func evaluating(done: Int, of total: Int)
  /// An evaluation is done.
  func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption])
  /// A checkpoint was written.
  func saved(_ checkpoint: URL)
  /// Training ended.
  func trainingEnded(_ state: TrainerState)
}

extension TrainerCallback {
  public func trainingBegan(_ state: TrainerState) {}
  public func stepEnded(_ state: TrainerState, loss: Double, learningRate: Double, captions: Int) {}
  public func logged(_ entry: LogEntry) {}
  public func evaluating(done: Int, of total: Int) {}
  public func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption]) {}
  public func saved(_ checkpoint: URL) {}
  public func trainingEnded(_ state: TrainerState) {}
}

/// A caption that an evaluation generated.
public struct EvaluatedCaption: Sendable, Equatable {
  /// The picture's file.
  public let path: String
  public let caption: String
  public let references: [String]
}
