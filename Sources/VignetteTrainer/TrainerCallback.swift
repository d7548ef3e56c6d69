public import Foundation
public import VignetteEvaluation

/// What watches a run: progress bars, tables, event files. Called on the run's thread, which waits for it.
///
/// Every requirement has a default that does nothing.
public protocol TrainerCallback: AnyObject {
  /// Whether the run should end after this step; asked after each. See ``Trainer/run(resumingFrom:)``.
  var wantsStop: Bool { get }
  /// Training begins, or goes on after `state.globalStep` steps.
  func trainingBegan(_ state: TrainerState)
  /// A step of the optimizer was made.
  ///
  /// - Parameters:
  ///   - loss: the mean loss of the step's labels.
  ///   - captions: how many captions the step learned from.
  func stepEnded(_ state: TrainerState, loss: Double, learningRate: Double, captions: Int)
  /// Something was added to the log.
  func logged(_ entry: LogEntry)
  /// An evaluation has done so many batches; it begins with 0.
  func evaluating(done: Int, of total: Int)
  /// An evaluation is done.
  ///
  /// - Parameter samples: the captions that it generated, in the data set's order; none without generation.
  func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption])
  /// A checkpoint is being written to `folder`: where the callback writes what it needs for going on from it.
  ///
  /// The folder gets its final name when all is written and synced. An error stops the run.
  func save(to folder: URL) throws
  /// A checkpoint was written.
  func saved(_ checkpoint: URL)
  /// The run goes on from a checkpoint; comes before ``trainingBegan(_:)``.
  ///
  /// What ``save(to:)`` wrote is missing if the callback didn't watch then. An error stops the run.
  func restore(from checkpoint: URL) throws
  /// Training came to its end; not called where it was stopped or failed.
  func trainingEnded(_ state: TrainerState)
}

extension TrainerCallback {
  public var wantsStop: Bool { false }
  public func trainingBegan(_ state: TrainerState) {}
  public func stepEnded(_ state: TrainerState, loss: Double, learningRate: Double, captions: Int) {}
  public func logged(_ entry: LogEntry) {}
  public func evaluating(done: Int, of total: Int) {}
  public func evaluated(_ record: EvaluationRecord, samples: [EvaluatedCaption]) {}
  public func save(to folder: URL) throws {}
  public func saved(_ checkpoint: URL) {}
  public func restore(from checkpoint: URL) throws {}
  public func trainingEnded(_ state: TrainerState) {}
}
