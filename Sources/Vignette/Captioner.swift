public import Foundation
import Logging
import Synchronization
public import VignetteImages
public import VignetteModels
public import VignetteTensors
public import VignetteTokenizers

/// Captions images with a Hugging Face checkpoint.
///
/// ```swift
/// let captioner = try Captioner(modelAt: folder)
/// print(try captioner.caption(imageAt: photo))
/// ```
///
/// A captioner may be used from several tasks; one batch is computed at a time, on all threads. Calls block their thread
/// until they are done, so a program with a user interface makes them in a detached task.
public final class Captioner: Sendable {
  public let tokenizer: any Tokenizer
  public let imageProcessor: ImageProcessor
  /// What the checkpoint says about generating.
  public let defaults: GenerationOptions
  public let options: CaptionerOptions
  /// What products are computed in here: float32 where bfloat16 was asked for in vain.
  public let dtype: Precision
  private let model: Mutex<any CaptionModel>

  /// The id that fills up shorter captions of a batch: the checkpoint's, else the tokenizer's.
  public var padTokenID: Int? { defaults.padTokenID ?? tokenizer.padTokenID }

  /// Loads a checkpoint folder: weights, config.json, tokenizer and image processor.
  ///
  /// - Throws: an error that names the file and what is wrong with it.
  public convenience init(modelAt folder: URL, options: CaptionerOptions = CaptionerOptions()) throws {
    self.init(try CaptionerParts(at: folder), options: options)
  }

  package init(_ parts: sending CaptionerParts, options: CaptionerOptions = CaptionerOptions()) {
    self.options = options
    dtype = Precision.supportsBFloat16 ? options.dtype : .float32
    let logger = Logger(label: "vignette.captioner")
    if dtype != options.dtype {
      logger.warning(
        "this processor has no kernels for \(options.dtype.rawValue); computing in \(dtype.rawValue)")
    }
    for field in parts.unsupportedFields {
      logger.warning(
        "generation_config.json: \(field) is not supported; captions may differ from Transformers'")
    }
    (tokenizer, imageProcessor, defaults) = (parts.tokenizer, parts.imageProcessor, parts.generation)
    let model = parts.model
    model.precision = dtype
    self.model = Mutex(model)
  }

  /// Captions one image file.
  ///
  /// - Parameter generation: what to do otherwise than the checkpoint says.
  /// - Throws: what is wrong with the image, the options or the model.
  public func caption(imageAt url: URL, generation: GenerationOptions = GenerationOptions()) throws -> Caption
  {
    let image = try ImageSource.file(url).load(maximumPixels: options.maximumImagePixels)
    // An image always has at least one caption.
    return try captions(of: [image], generation: generation)[0][0]
  }

  /// Captions many images, in batches: for each, its captions (`numReturnSequences`), or why there are none.
  ///
  /// - Throws: what is wrong with the options or the model, and not with an image.
  public func captions(
    of images: [ImageSource], generation: GenerationOptions = GenerationOptions()
  ) throws -> [Result<[Caption], any Error>] {
    var results: [Result<[Caption], any Error>] = []
    try forEachCaption(of: images, generation: generation) { _, result in results.append(result) }
    return results
  }

  /// Captions many images and hands each one's captions over, in order, as soon as its batch is done. The next
  /// batch is read and decoded meanwhile.
  ///
  /// - Parameter deliver: called with the number of an image and its captions, or why it has none.
  /// - Throws: what is wrong with the options or the model, and not with an image; what `deliver` throws, which ends it.
  public func forEachCaption(
    of images: [ImageSource], generation: GenerationOptions = GenerationOptions(),
    _ deliver: (Int, Result<[Caption], any Error>) throws -> Void
  ) throws {
    let size = max(1, options.batchSize)
    let batches = stride(from: 0, to: images.count, by: size).map { start in
      Array(images[start..<min(start + size, images.count)])
    }
    var next = batches.first.map { PendingBatch($0, maximumPixels: options.maximumImagePixels) }
    for (number, batch) in batches.enumerated() {
      guard let loaded = next?.wait() else { break }
      next =
        number + 1 < batches.count
        ? PendingBatch(batches[number + 1], maximumPixels: options.maximumImagePixels) : nil
      let captions = try results(of: loaded, generation: generation, isLast: number + 1 == batches.count)
      for index in batch.indices { try deliver(number * size + index, captions[index]) }
    }
  }

  /// Captions decoded images in one batch, however many they are: for each, its captions, the best first.
  ///
  /// - Throws: what is wrong with the options, the model, or any of the images.
  public func captions(
    of images: [RGBImage], generation: GenerationOptions = GenerationOptions()
  ) throws -> [[Caption]] {
    try results(of: images.map { .success($0) }, generation: generation, isLast: false).map { try $0.get() }
  }

  /// For each image its captions, or why it has none.
  ///
  /// - Parameter isLast: whether no other batch is expected soon, so that the encoder's memory can be given back
  ///   before the decoder takes its own.
  private func results(
    of images: [Result<RGBImage, any Error>], generation: GenerationOptions, isLast: Bool
  ) throws -> [Result<[Caption], any Error>] {
    let prepared = images.map { image in Result { try imageProcessor.pixels(image.get()) } }
    var results = prepared.map { $0.map { _ in [Caption]() } }
    let options = generation.filled(from: defaults)
    for group in Self.groups(prepared) {
      let outputs = try outputs(of: group.images, options, isLast: isLast)
      for (number, index) in group.indices.enumerated() {
        results[index] = outputs.map { outputs in
          outputs[number].map { caption($0, endTokenIDs: options.eosTokenIDs ?? []) }
        }
      }
    }
    return results
  }

  /// Images of one size, with their places.
  private struct Group {
    var indices: [Int] = []
    var images: [RGBImage] = []
  }

  /// A processor that keeps proportions leaves images of several sizes; equal ones go together.
  private static func groups(_ images: [Result<RGBImage, any Error>]) -> [Group] {
    var groups: [[Int]: Group] = [:]
    for (index, result) in images.enumerated() {
      guard let image = try? result.get() else { continue }
      groups[[image.height, image.width], default: Group()].indices.append(index)
      groups[[image.height, image.width], default: Group()].images.append(image)
    }
    return groups.values.sorted { $0.indices[0] < $1.indices[0] }
  }

  /// - Returns: a failure for images of a size that the model can't take.
  /// - Throws: what is wrong with the options or the model.
  private func outputs(
    of images: [RGBImage], _ options: GenerationOptions, isLast: Bool
  ) throws -> Result<[[GenerationOutput]], any Error> {
    let shape = [images.count, 3, images[0].height, images[0].width]
    do {
      try MemoryCheck.pass(
        shape, "the pixel values of \(images.count) images", lowering: ["batch_size"])
      return .success(try generate(pixelValues(of: images), shape: shape, options, isLast: isLast))
    } catch
      where imageProcessor.outputSize == nil && (error is ImageSizeError || error is TensorMemoryError)
    {
      return .failure(error)
    }
  }

  /// What `generation` comes to with this checkpoint, nothing left open.
  ///
  /// - Throws: `GenerationError` where the options contradict themselves or the model.
  public func resolved(_ generation: GenerationOptions) throws -> GenerationOptions {
    try model.withLock { try generation.filled(from: defaults).resolved(for: $0) }
  }

  private func generate(_ pixelValues: [Float], shape: [Int], _ generation: GenerationOptions, isLast: Bool)
    throws
    -> [[GenerationOutput]]
  {
    try model.withLock { model in
      let features = try model.encode(
        Tensor(pixelValues, shape: shape), interpolatePositions: options.interpolatesPositions)
      if isLast { model.releaseEncoder() }
      var decoding = model.decoding(of: features)
      return try decoding.generate(generation)
    }
  }

  /// Normalised pixel values [B, 3, height, width] of images of one size.
  private func pixelValues(of images: [RGBImage]) -> [Float] {
    let size = 3 * images[0].height * images[0].width
    return [Float](unsafeUninitializedCapacity: images.count * size) { values, count in
      for (number, image) in images.enumerated() {
        let part = values[number * size..<(number + 1) * size]
        imageProcessor.normalize(image, into: UnsafeMutableBufferPointer(rebasing: part))
      }
      count = images.count * size
    }
  }

  private func caption(_ output: GenerationOutput, endTokenIDs: [Int]) -> Caption {
    let text = tokenizer.decode(output.tokenIDs, skipSpecialTokens: true)
    return Caption(
      text: text.trimmingCharacters(in: .whitespacesAndNewlines), tokenIDs: output.tokenIDs,
      score: output.score, tokenLogProbabilities: output.tokenLogProbabilities,
      isCutOff: output.tokenIDs.last.map { !endTokenIDs.contains($0) } ?? false)
  }
}
