import Foundation
import VignetteCheckpoints
import VignetteDatasets
import VignetteFiles

/// What the order of a run's data follows from; a run that goes on must have the same, or it would skip some of
/// its data and repeat other.
struct DataOrder: Codable, Equatable {
  let seed: UInt64
  let perDeviceTrainBatchSize: Int
  let gradientAccumulationSteps: Int
  let groupCaptions: Bool
  let shuffle: Bool
  let images: Int
  let captions: Int
  /// Of the images' names and their captions, in their order.
  let fingerprint: String

  init(_ dataset: CaptionDataset, _ arguments: TrainingArguments) {
    seed = arguments.seed
    perDeviceTrainBatchSize = arguments.perDeviceTrainBatchSize
    gradientAccumulationSteps = arguments.gradientAccumulationSteps
    groupCaptions = arguments.groupCaptions
    shuffle = arguments.shuffle
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

  /// What the checkpoint had otherwise, as the command line spells it; nil where nothing differs.
  func difference(from saved: DataOrder) -> String? {
    func flag(_ name: String, _ value: Bool) -> String { value ? "--\(name)" : "--no-\(name)" }
    let all: [(differs: Bool, saved: String)] = [
      (seed != saved.seed, "--seed \(saved.seed)"),
      (
        perDeviceTrainBatchSize != saved.perDeviceTrainBatchSize,
        "--per-device-train-batch-size \(saved.perDeviceTrainBatchSize)"
      ),
      (
        gradientAccumulationSteps != saved.gradientAccumulationSteps,
        "--gradient-accumulation-steps \(saved.gradientAccumulationSteps)"
      ),
      (groupCaptions != saved.groupCaptions, flag("group-captions", saved.groupCaptions)),
      (shuffle != saved.shuffle, flag("shuffle", saved.shuffle)),
      (
        images != saved.images || captions != saved.captions,
        "\(saved.captions) captions of \(saved.images) images instead of \(captions) of \(images)"
      ),
      (
        images == saved.images && captions == saved.captions && fingerprint != saved.fingerprint,
        "other images or captions, or another order of them"
      ),
    ]
    let differences = all.filter(\.differs).map(\.saved)
    return differences.isEmpty ? nil : differences.joined(separator: ", ")
  }
}
