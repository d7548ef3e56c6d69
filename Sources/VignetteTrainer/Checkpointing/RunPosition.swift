import Foundation
import VignetteCheckpoints
import VignetteFiles

/// Where in its data a run is, beside `trainer_state.json`: `run_position.json`.
///
/// The order of an epoch and the dropout of a step follow from the seed and their numbers, so this is all that a
/// run needs to go on as if it had never stopped.
struct RunPosition: Codable, Equatable {
  static let fileName = "run_position.json"
  private static let mostEpochs = 1 << 32

  /// The epoch, counted from 0.
  var epoch = 0
  /// Batches of the epoch that were used.
  var batch = 0
  /// The sum of the losses since the last log entry, and how many they are.
  private(set) var lossSum = 0.0
  private(set) var lossCount = 0
  /// The sum of all losses, for the mean at the end.
  private(set) var totalLoss = 0.0
  /// What places in the data mean.
  let order: DataOrder
  /// The run's options, under Hugging Face's names.
  var settings: [String: String]

  mutating func add(loss: Double) {
    lossSum += loss
    lossCount += 1
    totalLoss += loss
  }

  /// The mean of the losses since it was last taken.
  mutating func takeMeanLoss() -> Double {
    defer { (lossSum, lossCount) = (0, 0) }
    return lossSum / Double(max(1, lossCount))
  }

  func save(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write(Array(encoder.encode(self)), to: folder.appendingPathComponent(Self.fileName))
  }

  init(order: DataOrder, settings arguments: TrainingArguments) {
    self.order = order
    settings = Dictionary(arguments.settings.map { ($0.name, $0.value) }) { first, _ in first }
  }

  /// What is done otherwise than by the run of a checkpoint: "learning_rate 0.01 instead of 0.001".
  func changes(since saved: RunPosition) -> [String] {
    Set(settings.keys).union(saved.settings.keys).sorted().compactMap { name in
      let (now, before) = (settings[name] ?? "none", saved.settings[name] ?? "none")
      return now == before ? nil : "\(name) \(now) instead of \(before)"
    }
  }

  /// - Throws: ``TrainingError/checkpoint(path:problem:)`` for a file that can't be understood or that no run wrote.
  init(folder: URL) throws {
    let url = folder.appendingPathComponent(Self.fileName)
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
    } catch {
      throw TrainingError.checkpoint(
        path: url.path,
        problem: FileManager.default.fileExists(atPath: folder.path)
          ? "can't be read; only checkpoints that this version of `vignette train` wrote can be resumed"
          : "there is no such checkpoint")
    }
    guard (0..<Self.mostEpochs).contains(epoch), batch >= 0, lossCount >= 0 else {
      throw TrainingError.checkpoint(path: url.path, problem: "epoch, batch or lossCount can't be that")
    }
  }
}
