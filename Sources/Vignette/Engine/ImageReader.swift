import VignetteFiles
package import VignetteImages

/// Reads, decodes and resizes images on threads of its own.
///
/// Each image is resized as soon as it is decoded: what waits for the model is small, and of decoded images there are
/// no more than threads.
struct ImageReader: Sendable {
  private let processor: ImageProcessor
  private let maximumPixels: Int

  /// Decoding is a fraction of the model's work, which all processors share.
  static let threadCount = 2

  /// For images that come one by one, from all captioners.
  private static let threads = WorkerThreads("vignette-read", count: threadCount)

  init(_ processor: ImageProcessor, maximumPixels: Int) {
    self.processor = processor
    self.maximumPixels = maximumPixels
  }

  /// What the model takes, but for normalising. Blocks the thread.
  ///
  /// - Throws: why this is no image, or none that the processor can resize.
  func read(_ image: ImageSource) throws -> PreparedImage {
    let image = try image.load(maximumPixels: maximumPixels)
    return PreparedImage(
      pixels: try processor.pixels(image), originalWidth: image.width, originalHeight: image.height)
  }

  /// What the model takes, but for normalising.
  func pixels(_ image: ImageSource) async throws -> PreparedImage {
    try await Self.threads.run { try read(image) }
  }

  /// Reads ahead of the model, in the images' order.
  func queue<Item: ImageSourceConvertible>(
    _ images: sending some Sequence<Item>, capacity: Int
  ) -> PrefetchQueue<Item, PreparedImage> {
    PrefetchQueue(images, workers: Self.threadCount, capacity: capacity) { try read($0.imageSource) }
  }

  /// Reads what is pushed.
  func queue<Item: ImageSourceConvertible>(of _: Item.Type, capacity: Int) -> PrefetchQueue<
    Item, PreparedImage
  > {
    PrefetchQueue(workers: Self.threadCount, capacity: capacity) { try read($0.imageSource) }
  }
}

/// An image as a model takes it, but for normalising.
package struct PreparedImage: Sendable {
  package let pixels: RGBImage
  /// The upright image's size before it was resized.
  package let originalWidth: Int
  package let originalHeight: Int

  package init(pixels: RGBImage, originalWidth: Int, originalHeight: Int) {
    self.pixels = pixels
    self.originalWidth = originalWidth
    self.originalHeight = originalHeight
  }
}
