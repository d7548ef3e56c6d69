import Foundation
import VignetteDatasets
import VignetteFiles

/// Where in its data a run is, beside `trainer_state.json`: `run_position.json`.
///
/// The order of an epoch and the dropout of a step follow from the seed and their numbers, so this is all that a
/// run needs to go on as if it had never stopped.
struct RunPosition: Codable, Equatable {
  static let fileName = "run_position.json"
  private static let mostEpochs = 1 << 32
  /// The options that the order of a run's data follows from.
  private static let orderSettings = [
    "seed", "per_device_train_batch_size", "gradient_accumulation_steps", "group_captions", "shuffle",
  ]

  /// The epoch, counted from 0.
  var epoch = 0
  /// Batches of the epoch that were used.
  var batch = 0
  /// The sum of the losses since the last log entry, and how many they are.
  private(set) var lossSum = 0.0
  private(set) var lossCount = 0
  /// The sum of all losses, for the mean at the end.
  private(set) var totalLoss = 0.0
  /// How long the run has taken so far, in seconds; nil in checkpoints of earlier versions.
  private(set) var runtime: Double?
  /// Whether the last step's evaluation was due, and broken off or failed.
  var owesEvaluation: Bool?
  /// What indices of batches mean, together with ``orderSettings``.
  let order: DataOrder
  /// The run's options, under Hugging Face's names.
  var settings: [String: String]

  init(order: DataOrder, settings arguments: TrainingArguments) {
    self.order = order
    settings = Dictionary(arguments.settings.map { ($0.name, $0.value) }) { first, _ in first }
  }

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

  /// The position with the time that the run has taken, `seconds` of it since it went on.
  func after(_ seconds: Double) -> RunPosition {
    var position = self
    position.runtime = (runtime ?? 0) + max(0, seconds)
    return position
  }

  /// What is done otherwise than by the run of a checkpoint: "learning_rate 0.01 instead of 0.001".
  func changes(since saved: RunPosition) -> [String] {
    Set(settings.keys).union(saved.settings.keys).sorted().compactMap { name in
      let (now, before) = (settings[name] ?? "none", saved.settings[name] ?? "none")
      return now == before ? nil : "\(name) \(now) instead of \(before)"
    }
  }

  /// What a run that goes on must have as the checkpoint's had it, and hasn't; nil where nothing differs.
  func difference(from saved: RunPosition) -> String? {
    let settings = Self.orderSettings.compactMap { name in
      saved.settings[name].flatMap { $0 == self.settings[name] ? nil : "\(Setting("\(name)=\($0)"))" }
    }
    let differences = settings + [order.difference(from: saved.order)].compactMap(\.self)
    return differences.isEmpty ? nil : differences.joined(separator: ", ")
  }

  func save(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write(Array(encoder.encode(self)), to: folder.appendingPathComponent(Self.fileName))
  }

  /// - Throws: ``TrainingError/checkpoint(path:problem:)`` for a file that can't be understood or that no run wrote.
  init(folder: URL) throws {
    let url = folder.appendingPathComponent(Self.fileName)
    do {
      self = try JSONDecoder().decode(Self.self, from: TextFile.json(url))
    } catch {
      throw TrainingError.checkpoint(
        path: url.path,
        problem: FileSystem.exists(folder)
          ? "can't be read; only checkpoints that this version of `vignette train` wrote can be resumed"
          : "there is no such checkpoint")
    }
    let counts = 0..<Self.mostEpochs
    guard counts.contains(epoch), batch >= 0, counts.contains(lossCount), (runtime ?? 0) >= 0 else {
      throw TrainingError.checkpoint(
        path: url.path, problem: "epoch, batch, lossCount or runtime can't be that")
    }
  }
}

/// The data of a run, in its order; a run that goes on must have the same, or it would skip some of it and repeat other.
struct DataOrder: Codable, Equatable {
  let images: Int
  let captions: Int
  /// Of the images' names and their captions, in their order.
  let fingerprint: String

  init(_ dataset: CaptionDataset) {
    images = dataset.images.count
    captions = dataset.captionCount
    fingerprint = Self.fingerprint(of: dataset)
  }

  // Of names without folders, because a data set may be moved.
  private static func fingerprint(of dataset: CaptionDataset) -> String {
    var hasher = SHA256Hasher()
    for image in dataset.images {
      let name = image.path[(image.path.lastIndex(of: "/") ?? image.path.startIndex)...]
      for text in [name] + image.captions.map({ $0.text[...] }) { hasher.update(Array(text.utf8) + [0]) }
    }
    return hasher.finish().description
  }

  /// What the checkpoint had otherwise; nil where nothing differs.
  fileprivate func difference(from saved: DataOrder) -> String? {
    if images != saved.images || captions != saved.captions {
      return "\(saved.captions) captions of \(saved.images) images instead of \(captions) of \(images)"
    }
    return fingerprint == saved.fingerprint ? nil : "other images or captions, or another order of them"
  }
}
