import Datasets
import Foundation
import Imaging
import Models
import Synchronization
import Tensors
import Tokenizers

/// Batches of a caption data set, its pictures read ahead on other threads.
final class CaptionBatches {
  let dataset: CaptionDataset
  let plan: BatchPlan
  let skipped: SkippedImages
  private let labelOptions: LabelOptions
  private let tokens: CaptionTokenizer
  private let processor: ImageProcessor
  private let workers: Int
  private let failsOnBadImages: Bool

  init(
    _ dataset: CaptionDataset, batchSize: Int, shuffle: Bool, arguments: TrainingArguments,
    tokens: CaptionTokenizer, processor: ImageProcessor
  ) {
    self.dataset = dataset
    self.tokens = tokens
    self.processor = processor
    plan = BatchPlan(
      dataset, batchSize: batchSize, groupCaptions: arguments.groupCaptions, shuffle: shuffle,
      seed: arguments.seed)
    skipped = SkippedImages(dataset.skipped)
    labelOptions = arguments.labels
    workers = arguments.dataloaderNumWorkers
    failsOnBadImages = arguments.failsOnBadImages
  }

  /// One batch: its images and captions, those that can't be read left out.
  struct Batch {
    let training: TrainingBatch
    /// The captions' texts, for each image.
    let references: [[String]]
    /// Places in the data set.
    let images: [Int]
  }

  /// The batches of an epoch from the `first` on; nil stands for one of which no picture could be read.
  func batches(epoch: Int, from first: Int = 0) -> Epoch {
    let (dataset, processor) = (dataset, processor)
    let loader = BatchLoader(
      plan.batches(epoch: epoch), from: first, workers: workers, capacity: max(2 * plan.batchSize, 32)
    ) { place in
      let image = try ImageDecoder.decode(contentsOf: URL(fileURLWithPath: dataset.images[place].path))
      return try processor.pixels(image)
    }
    return Epoch(loader: loader, source: self)
  }

  final class Epoch {
    private let loader: BatchLoader<RGBImage>
    private let source: CaptionBatches

    init(loader: BatchLoader<RGBImage>, source: CaptionBatches) {
      self.loader = loader
      self.source = source
    }

    deinit { loader.cancel() }

    /// The next batch; nil at the end. Its own value is nil where no picture of it could be read.
    func next() throws -> Batch?? {
      guard let loaded = loader.next() else { return nil }
      return .some(try source.assemble(loaded))
    }
  }

  private func assemble(_ loaded: BatchLoader<RGBImage>.Batch) throws -> Batch? {
    var pictures: [Int: RGBImage] = [:]
    for (place, value) in zip(loaded.images, loaded.values) {
      switch value {
      case .success(let picture): pictures[place] = picture
      case .failure(let error):
        if failsOnBadImages { throw BadImageError(path: dataset.images[place].path, reason: "\(error)") }
        skipped.record(dataset.images[place], because: error)
      }
    }
    // Adjacent items of one image share its encoding; without grouping, each caption has its own.
    let items = loaded.items.filter { pictures[$0.image] != nil && !$0.captions.isEmpty }
    let images = items.compactMap { pictures[$0.image] }
    guard let size = images.first else { return nil }
    guard images.allSatisfy({ $0.width == size.width && $0.height == size.height }) else {
      throw TrainingError.argument("preprocessor_config.json", "must give all pictures one size for training")
    }
    let pixels = Tensor(shape: [images.count, 3, size.height, size.width]) { values in
      let count = 3 * size.height * size.width
      for (number, image) in images.enumerated() {
        processor.normalize(
          image, into: UnsafeMutableBufferPointer(rebasing: values[number * count..<(number + 1) * count]))
      }
    }
    let captions = items.flatMap { item in dataset.images[item.image].captions[item.captions] }
    let labels = CaptionLabels(
      captions.map { tokens.ids(of: $0) }, endTokenID: tokens.endTokenID, padTokenID: tokens.padTokenID,
      options: labelOptions)
    let counts = items.map(\.captions.count)
    return Batch(
      training: TrainingBatch(
        images: .pixelValues(pixels), labels: labels,
        captionsPerImage: counts.allSatisfy { $0 == 1 } ? nil : counts),
      references: items.map { item in dataset.images[item.image].captions[item.captions].map(\.trimmedText) },
      images: items.map(\.image))
  }
}

/// A picture that can't be read, in a run that doesn't leave such out.
struct BadImageError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { "\(path): \(reason); leave --no-check-images away to go on without it" }
}
