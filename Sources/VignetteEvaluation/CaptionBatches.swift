import Foundation
package import VignetteDatasets
import VignetteFiles
package import VignetteImages
import VignetteTensors

/// Images and the captions that belong to them, as many as go through the model at a time.
package struct CaptionBatch {
  package let images: BatchImages
  package let labels: CaptionLabels
  /// How many adjacent captions belong to each image; one each if nil.
  package let captionsPerImage: [Int]?
  /// The captions' texts, for each image.
  package let references: [[String]]
  /// The images' indices in the data set.
  package let indices: [Int]

  package init(
    images: BatchImages, labels: CaptionLabels, captionsPerImage: [Int]? = nil, references: [[String]] = [],
    indices: [Int] = []
  ) {
    self.images = images
    self.labels = labels
    self.captionsPerImage = captionsPerImage
    self.references = references
    self.indices = indices
  }
}

/// How a data set is cut into batches and read.
package struct BatchOptions {
  /// Captions of a batch.
  package var batchSize = 8
  /// One encoding for all captions of an image in a batch.
  package var groupCaptions = true
  /// Another order in each epoch.
  package var shuffle = false
  /// What that order follows from.
  package var seed: UInt64 = 42
  package var labels = LabelOptions()
  /// Threads that read images ahead; 0 reads each when it is needed.
  package var workers = 1
  /// Leave out an image that can't be read, instead of throwing at the first one.
  package var checkImages = true

  package init() {}
}

/// Batches of a caption data set, its images read ahead on other threads.
package final class CaptionBatches {
  package let dataset: CaptionDataset
  package let plan: BatchPlan
  package let skipped: SkippedImages
  private let options: BatchOptions
  private let tokens: CaptionTokenizer
  private let processor: ImageProcessor
  /// An image that could be read, or whose hidden states were known.
  private var lastRead: Int?

  package init(
    _ dataset: CaptionDataset, _ options: BatchOptions, tokens: CaptionTokenizer, processor: ImageProcessor
  ) {
    self.dataset = dataset
    self.options = options
    self.tokens = tokens
    self.processor = processor
    plan = BatchPlan(
      dataset, batchSize: options.batchSize, groupCaptions: options.groupCaptions, shuffle: options.shuffle,
      seed: options.seed)
    skipped = SkippedImages(dataset.skipped)
  }

  /// For each caption that an evaluation measures, with how many references it compares it.
  package var referenceCounts: [Int] {
    let unreadable = Set(skipped.all.map(\.file))
    let counts = dataset.images.filter { !$0.captions.isEmpty && !unreadable.contains($0.path) }
      .map(\.captions.count)
    return plan.groupCaptions ? counts : Array(repeating: 1, count: counts.reduce(0, +))
  }

  /// The batches of an epoch from the `first` on, for an encoder that may know some of the images.
  package func batches(epoch: Int, from first: Int = 0, for encoder: any ImageEncoder) -> Epoch {
    let (dataset, processor) = (dataset, processor)
    let known = encoder.known(among: dataset.images.map(\.path))
    let planned = plan.batches(epoch: epoch)
    let loader = BatchLoader(
      planned, from: first, workers: options.workers, capacity: max(2 * plan.batchSize, 32)
    ) { index in
      let path = dataset.images[index].path
      return known.contains(path) ? ImageSource.known : .pixels(try Self.read(path, processor))
    }
    return Epoch(loader: loader, source: self, count: planned.count)
  }

  /// What is read ahead for an image.
  enum ImageSource: Sendable {
    case pixels(RGBImage)
    /// The encoder needs nothing of it.
    case known
  }

  private static func read(_ path: String, _ processor: ImageProcessor) throws -> RGBImage {
    try processor.pixels(try ImageDecoder.decode(contentsOf: URL(fileURLWithPath: path)))
  }

  package final class Epoch {
    private let loader: BatchLoader<ImageSource>
    private let source: CaptionBatches
    /// Batches of the whole epoch, those before the first one read included.
    package let count: Int

    init(loader: BatchLoader<ImageSource>, source: CaptionBatches, count: Int) {
      self.loader = loader
      self.source = source
      self.count = count
    }

    deinit { loader.cancel() }

    /// The next batch; nil at the end. Its own value is nil where no image of it could be read.
    ///
    /// - Throws: ``EvaluationError/unreadableImage(path:reason:)``,
    ///   ``EvaluationError/imagesGone(folder:reason:)``.
    package func next() throws -> CaptionBatch?? {
      guard let loaded = loader.next() else { return nil }
      return .some(try source.assemble(loaded))
    }
  }

  private func assemble(_ loaded: BatchLoader<ImageSource>.Batch) throws -> CaptionBatch? {
    let images = try images(of: loaded)
    // Adjacent items of one image share its encoding; without grouping, each caption has its own.
    let items = loaded.items.filter { images[$0.image] != nil && !$0.captions.isEmpty }
    guard !items.isEmpty else { return nil }
    let captions = items.flatMap { item in dataset.images[item.image].captions[item.captions] }
    let counts = items.map(\.captions.count)
    return CaptionBatch(
      images: batchImages(items.map(\.image), images),
      labels: tokens.labels(captions, options: options.labels),
      captionsPerImage: counts.allSatisfy { $0 == 1 } ? nil : counts,
      references: items.map { item in dataset.images[item.image].captions[item.captions].map(\.trimmedText) },
      indices: items.map(\.image))
  }

  /// What was read of a batch's images, those left out that can't be.
  private func images(of loaded: BatchLoader<ImageSource>.Batch) throws -> [Int: ImageSource] {
    var images: [Int: ImageSource] = [:]
    var failures: [(index: Int, error: any Error)] = []
    for (index, value) in zip(loaded.images, loaded.values) {
      switch value {
      case .success(let image): images[index] = image
      case .failure(let error): failures.append((index, error))
      }
    }
    if let read = images.keys.min() {
      lastRead = read
    } else {
      try checkThatImagesAreThere(failures.map(\.index))
    }
    for (index, error) in failures {
      let image = dataset.images[index]
      guard options.checkImages else {
        let reason = (error as? ImageError)?.reason ?? "\(error)"
        throw EvaluationError.unreadableImage(path: image.path, reason: reason)
      }
      skipped.record(image, because: error)
    }
    return images
  }

  /// Tells bad images, which are left out, from a share that was unmounted, which would silently end all learning: there,
  /// an image that could be read before can't be opened any more either.
  private func checkThatImagesAreThere(_ failed: [Int]) throws {
    guard let lastRead, let first = failed.first, failed.allSatisfy({ refusal($0) != nil }),
      let reason = refusal(lastRead)
    else { return }
    let folder = URL(fileURLWithPath: dataset.images[first].path).deletingLastPathComponent()
    throw EvaluationError.imagesGone(folder: folder.path, reason: reason)
  }

  /// Why the system doesn't give a byte of an image's file; nil where it does.
  private func refusal(_ index: Int) -> String? {
    let descriptor = FileSystem.open(dataset.images[index].path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { return String(cString: strerror(errno)) }
    defer { close(descriptor) }
    var byte: UInt8 = 0
    return pread(descriptor, &byte, 1, 0) < 0 ? String(cString: strerror(errno)) : nil
  }

  private func batchImages(_ indices: [Int], _ images: [Int: ImageSource]) -> BatchImages {
    let (dataset, processor) = (dataset, processor)
    return BatchImages(paths: indices.map { dataset.images[$0].path }) { rows in
      try Self.pixelValues(
        rows.map { row in
          if case .pixels(let image) = images[indices[row]] { return image }
          return try Self.read(dataset.images[indices[row]].path, processor)
        }, processor)
    }
  }

  /// [I, 3, height, width]
  private static func pixelValues(_ images: [RGBImage], _ processor: ImageProcessor) throws -> Tensor {
    guard let size = images.first,
      images.allSatisfy({ $0.width == size.width && $0.height == size.height })
    else {
      throw EvaluationError.severalImageSizes
    }
    let count = 3 * size.height * size.width
    let shape = [images.count, 3, size.height, size.width]
    try MemoryCheck.pass(
      shape, "the pixel values of \(images.count) images", lowering: ["per_device_train_batch_size"])
    return Tensor(shape: shape) { values in
      for (row, image) in images.enumerated() {
        processor.normalize(
          image, into: UnsafeMutableBufferPointer(rebasing: values[row * count..<(row + 1) * count]))
      }
    }
  }
}
