import Foundation
import Synchronization
import VignetteDatasets
import VignetteImages
import VignetteModels
import VignetteTensors
import VignetteTokenizers

/// Batches of a caption data set, its images read ahead on other threads.
final class CaptionBatches {
  let dataset: CaptionDataset
  let plan: BatchPlan
  let skipped: SkippedImages
  private let labelOptions: LabelOptions
  private let tokens: CaptionTokenizer
  private let processor: ImageProcessor
  private let workers: Int
  private let checksImages: Bool
  private let features: FeatureCache?

  init(_ dataset: CaptionDataset, _ source: BatchSource, batchSize: Int, shuffle: Bool) {
    self.dataset = dataset
    let arguments = source.arguments
    (features, tokens, processor) = (source.features, source.tokens, source.processor)
    plan = BatchPlan(
      dataset, batchSize: batchSize, groupCaptions: arguments.groupCaptions, shuffle: shuffle,
      seed: arguments.seed)
    skipped = SkippedImages(dataset.skipped)
    var labels = arguments.labels
    labels.maxTargetLength = min(labels.maxTargetLength, tokens.maximumLength)
    labelOptions = labels
    workers = arguments.dataloaderNumWorkers
    checksImages = arguments.checkImages
  }

  /// For each caption that an evaluation measures, with how many references it compares it.
  var referenceCounts: [Int] {
    let unreadable = Set(skipped.all.map(\.file))
    let counts = dataset.images.filter { !$0.captions.isEmpty && !unreadable.contains($0.path) }
      .map(\.captions.count)
    return plan.groupCaptions ? counts : Array(repeating: 1, count: counts.reduce(0, +))
  }

  /// One batch: its images and captions, those that can't be read left out.
  struct Batch {
    let training: TrainingBatch
    /// The captions' texts, for each image.
    let references: [[String]]
    /// Places in the data set.
    let images: [Int]
  }

  /// The batches of an epoch from the `first` on; nil stands for one of which no image could be read.
  func batches(epoch: Int, from first: Int = 0) -> Epoch {
    let (dataset, processor) = (dataset, processor)
    let encoded = features?.encoded(of: dataset.images.map(\.path)) ?? []
    let planned = plan.batches(epoch: epoch)
    let loader = BatchLoader(
      planned, from: first, workers: workers, capacity: max(2 * plan.batchSize, 32)
    ) { place in
      let path = dataset.images[place].path
      return encoded.contains(path) ? ImageSource.encoded : .pixels(try Self.read(path, processor))
    }
    return Epoch(loader: loader, source: self, count: planned.count)
  }

  /// What is read ahead for an image.
  enum ImageSource: Sendable {
    case pixels(RGBImage)
    /// The feature cache has its hidden states.
    case encoded
  }

  private static func read(_ path: String, _ processor: ImageProcessor) throws -> RGBImage {
    try processor.pixels(try ImageDecoder.decode(contentsOf: URL(fileURLWithPath: path)))
  }

  final class Epoch {
    private let loader: BatchLoader<ImageSource>
    private let source: CaptionBatches
    /// Batches of the whole epoch, those before the first one read included.
    let count: Int

    init(loader: BatchLoader<ImageSource>, source: CaptionBatches, count: Int) {
      self.loader = loader
      self.source = source
      self.count = count
    }

    deinit { loader.cancel() }

    /// The next batch; nil at the end. Its own value is nil where no image of it could be read.
    func next() throws -> Batch?? {
      guard let loaded = loader.next() else { return nil }
      return .some(try source.assemble(loaded))
    }
  }

  private func assemble(_ loaded: BatchLoader<ImageSource>.Batch) throws -> Batch? {
    var images: [Int: ImageSource] = [:]
    for (place, value) in zip(loaded.images, loaded.values) {
      switch value {
      case .success(let image): images[place] = image
      case .failure(let error):
        if !checksImages { throw BadImageError(path: dataset.images[place].path, reason: "\(error)") }
        skipped.record(dataset.images[place], because: error)
      }
    }
    // Adjacent items of one image share its encoding; without grouping, each caption has its own.
    let items = loaded.items.filter { images[$0.image] != nil && !$0.captions.isEmpty }
    guard !items.isEmpty else { return nil }
    let captions = items.flatMap { item in dataset.images[item.image].captions[item.captions] }
    let labels = CaptionLabels(
      captions.map { tokens.ids(of: $0) }, endTokenID: tokens.endTokenID, padTokenID: tokens.padTokenID,
      options: labelOptions)
    let counts = items.map(\.captions.count)
    return Batch(
      training: TrainingBatch(
        images: try input(items.map(\.image), images), labels: labels,
        captionsPerImage: counts.allSatisfy { $0 == 1 } ? nil : counts),
      references: items.map { item in dataset.images[item.image].captions[item.captions].map(\.trimmedText) },
      images: items.map(\.image))
  }

  /// What the images at these places are encoded from.
  private func input(_ places: [Int], _ images: [Int: ImageSource]) throws -> ImageInput {
    func pixels(_ place: Int) throws -> RGBImage {
      if case .pixels(let image) = images[place] { return image }
      return try Self.read(dataset.images[place].path, processor)
    }
    guard let features else { return .pixelValues(try pixelValues(places.map(pixels))) }
    return .hiddenStates(
      try features.hiddenStates(of: places.map { dataset.images[$0].path }) { missing in
        try pixelValues(missing.map { try pixels(places[$0]) })
      })
  }

  /// [I, 3, height, width]
  private func pixelValues(_ images: [RGBImage]) throws -> Tensor {
    guard let size = images.first,
      images.allSatisfy({ $0.width == size.width && $0.height == size.height })
    else {
      throw TrainingError.argument("preprocessor_config.json", "must give all images one size for training")
    }
    let count = 3 * size.height * size.width
    let shape = [images.count, 3, size.height, size.width]
    try MemoryCheck.pass(
      shape, "the pixel values of \(images.count) images", lowering: ["per_device_train_batch_size"])
    return Tensor(shape: shape) { values in
      for (number, image) in images.enumerated() {
        processor.normalize(
          image, into: UnsafeMutableBufferPointer(rebasing: values[number * count..<(number + 1) * count]))
      }
    }
  }
}
