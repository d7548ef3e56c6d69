public import Foundation
import Logging
import VignetteFiles
public import VignetteHub
public import VignetteImages
public import VignetteModels
public import VignetteTensors
public import VignetteTokenizers

/// Captions images with a Hugging Face checkpoint.
///
/// ```swift
/// let captioner = try await Captioner(modelAt: folder)
/// print(try await captioner.caption(photo))
/// ```
///
/// A captioner may be used from any number of tasks. All captioners of a process compute on one thread of their own,
/// and the threads that it shares its work with; calls suspend their tasks and never block a thread of Swift's
/// concurrency. Requests that wait together go through the model together, with the same captions as alone. A task
/// that is cancelled gets a `CancellationError`, at the latest after the next token.
public final class Captioner: Sendable {
  public let tokenizer: any Tokenizer
  public let imageProcessor: ImageProcessor
  /// What the checkpoint says about generating.
  public let defaults: GenerationOptions
  public let options: CaptionerOptions
  /// The compute dtype: float32 where the processor has no kernels for bfloat16.
  public let dtype: Precision
  /// Whether the model has learned to go on from a text that a caption begins with.
  package let takesPrompt: Bool
  private let vocabularySize: Int
  private let maximumLength: Int
  /// The weights of a token's attention to a pixel of the model's input, in all layers.
  private let attentionPerPixel: Double
  let reader: ImageReader
  private let model: ModelHost
  private let engine: CaptionEngine
  private let admission: Admission

  private static let logger = Logger(label: "vignette.captioner")

  /// Loads a checkpoint folder: weights, config.json, tokenizer and image processor.
  ///
  /// - Throws: an error that names the file and what is wrong with it.
  public convenience init(modelAt folder: URL, options: CaptionerOptions = CaptionerOptions()) async throws {
    struct Loaded: @unchecked Sendable { let parts: CaptionerParts }
    let loaded = try await WorkerThreads("vignette-load").run {
      try ComputeThread.start()
      return Loaded(parts: try CaptionerParts(at: folder))
    }
    self.init(parts: loaded.parts, options: options)
  }

  /// Loads a model by its name in the Hugging Face cache, `OWNER/NAME` or `OWNER/NAME@REVISION`, or by its folder's
  /// path. Nothing is fetched.
  ///
  /// ```swift
  /// let captioner = try await Captioner(model: "nlpconnect/vit-gpt2-image-captioning")
  /// ```
  ///
  /// - Throws: `HubError` where there is no such model; an error that names the file and what is wrong with it.
  public convenience init(
    model: String, cache: HubCache = HubCache(), options: CaptionerOptions = CaptionerOptions()
  ) async throws {
    try await self.init(modelAt: cache.resolve(model), options: options)
  }

  /// Captions with parts in memory, such as those that a trainer has trained.
  ///
  /// The model isn't copied. It belongs to the captioner from now on: where it is trained further, that and captioning
  /// must not happen at the same time.
  public init(parts: CaptionerParts, options: CaptionerOptions = CaptionerOptions()) {
    self.options = options
    dtype = Precision.supportsBFloat16 ? options.dtype : .float32
    if dtype != options.dtype {
      Self.logger.warning(
        "this processor has no kernels for \(options.dtype.rawValue); computing in \(dtype.rawValue)")
    }
    for warning in CheckpointGeneration.warnings(parts.unsupportedFields, parts.ignoredFields) {
      Self.logger.warning("\(warning)")
    }
    if let misfit = VocabularyFit(parts.tokenizer, parts.model), misfit.isSuspicious {
      Self.logger.warning("\(misfit)")
    }
    (tokenizer, defaults) = (parts.tokenizer, parts.generation)
    takesPrompt = CaptionFamily.takesPrompt(parts.model)
    (vocabularySize, maximumLength) = (parts.model.vocabularySize, parts.model.maximumLength)
    let (height, width) = parts.model.imageSize
    let cells = parts.model.patchLayout(height: height, width: width).map { $0.rows * $0.columns } ?? 0
    attentionPerPixel =
      Double(cells * parts.model.attendingLayerCount) / Double(max(1, height) * max(1, width))
    var processor = parts.imageProcessor
    if options.convertsToGrey { processor.doGrayscale = true }
    imageProcessor = processor
    reader = ImageReader(processor, maximumPixels: options.maximumImagePixels)
    model = ModelHost(parts, options: options, precision: dtype)
    engine = CaptionEngine(
      model, batchSize: max(1, options.batchSize), gatherLimit: options.gatherLimit,
      observer: options.observer)
    admission = Admission(capacity: options.queueCapacity)
  }

  /// The id that fills up shorter captions of a batch: the checkpoint's, else the tokenizer's.
  public var padTokenID: Int? { defaults.padTokenID ?? tokenizer.padTokenID }

  var batchSize: Int { max(1, options.batchSize) }

  // MARK: One image

  /// Captions one image.
  ///
  /// - Parameters:
  ///   - image: a file's `URL`, an image file's `Data`, an ``RGBImage`` or an ``ImageSource``.
  ///   - generation: what to do otherwise than the checkpoint says.
  /// - Throws: what is wrong with the image, the options or the model; `CancellationError`;
  ///   ``CaptionerError/busy(capacity:)``.
  public func caption(
    _ image: some ImageSourceConvertible, generation: GenerationOptions = GenerationOptions()
  ) async throws -> Caption {
    // An image always has at least one caption.
    try await captions(of: image, generation: generation)[0]
  }

  /// The captions of one image, as many as `numReturnSequences` says, the best first.
  ///
  /// ```swift
  /// let options = GenerationOptions(numBeams: 4, numReturnSequences: 3)
  /// for caption in try await captioner.captions(of: photo, generation: options) {
  ///   print(caption.score ?? 0, caption.text)
  /// }
  /// ```
  ///
  /// - Throws: what is wrong with the image, the options or the model; `CancellationError`;
  ///   ``CaptionerError/busy(capacity:)``.
  public func captions(
    of image: some ImageSourceConvertible, generation: GenerationOptions = GenerationOptions()
  ) async throws -> [Caption] {
    try await captions(of: image.imageSource, generation: generation, sink: nil)
  }

  private func captions(
    of image: ImageSource, generation: GenerationOptions, sink: TokenSink?
  ) async throws -> [Caption] {
    let generation = generation.filled(from: defaults)
    let (read, outputs) = try await admission.admit(waits: !options.refusesWhenFull) {
      let read = try await reader.pixels(image)
      let work = ModelHost.Work(images: [read.pixels], generation: generation, sink: sink)
      return (read, try await engine.outputs(work))
    }
    return outputs[0].map { caption($0, of: read) }
  }

  /// Reads and resizes an image, so that what is wrong with it is known before the model's turn.
  ///
  /// - Throws: why this is no image, or none that the processor can resize.
  package func prepared(_ image: ImageSource) async throws -> PreparedImage { try await reader.pixels(image) }

  /// The captions of an image, the best first, and before them the tokens of the first one as they come; none of beam
  /// search.
  ///
  /// - Throws: what is wrong with the options or the model; `CancellationError`; what `receive` throws.
  package func captions(
    of image: PreparedImage, generation: GenerationOptions,
    receive: (CaptionToken) async throws -> Void
  ) async throws -> [Caption] {
    let generation = generation.filled(from: defaults)
    return try await following(receive) { sink in
      let work = ModelHost.Work(images: [image.pixels], generation: generation, sink: sink)
      return try await self.admission.admit(waits: true) { try await self.engine.outputs(work) }[0]
        .map { self.caption($0, of: image) }
    }
  }

  /// Checks options against this model without waiting for it.
  ///
  /// - Throws: `SettingError` or `GenerationError` where they contradict themselves or the model.
  package func check(_ generation: GenerationOptions) throws {
    _ = try plan(generation.filled(from: defaults))
  }

  /// How many weights the attention of an image's captions may have at most, about: one for each token, each layer of the
  /// text part and each part of the image.
  ///
  /// - Throws: what ``check(_:)`` throws.
  package func attentionCount(of image: PreparedImage, generation: GenerationOptions) throws -> Double {
    let generation = generation.filled(from: defaults)
    let plan = try plan(generation)
    let pixels = Double(image.pixels.width) * Double(image.pixels.height)
    let tokens = Double(plan.maxLength - plan.prompt.count) * Double(plan.numReturnSequences)
    return (tokens * pixels * attentionPerPixel).rounded()
  }

  private func plan(_ generation: GenerationOptions) throws -> GenerationPlan {
    try GenerationPlan(
      generation, prompt: generation.promptTokenIDs(tokenizer), vocabularySize: vocabularySize,
      maximumLength: maximumLength)
  }

  /// The tokens of an image's caption as they come, then the caption.
  ///
  /// ```swift
  /// for try await update in captioner.tokens(of: photo) {
  ///   switch update {
  ///   case .token(let token): print(token.text, terminator: "")
  ///   case .caption(let caption): print(" (\(caption.tokenIDs.count) tokens)")
  ///   }
  /// }
  /// ```
  ///
  /// A prompt is no token that comes; the caption contains it. Beam search, whose best beam may change until the end,
  /// gives no tokens before its caption. Captioning begins at once, and is
  /// given up where nobody listens any more.
  ///
  /// - Throws: while it is iterated, what ``caption(_:generation:)-(ImageSourceConvertible,_)`` throws.
  public func tokens(
    of image: some ImageSourceConvertible, generation: GenerationOptions = GenerationOptions()
  ) -> AsyncThrowingStream<CaptionUpdate, any Error> {
    updates(of: image.imageSource, generation: generation)
  }

  private func updates(
    of image: ImageSource, generation: GenerationOptions
  ) -> AsyncThrowingStream<CaptionUpdate, any Error> {
    AsyncThrowingStream { updates in
      let task = Task {
        do {
          updates.yield(.caption(try await caption(image, generation) { updates.yield(.token($0)) }))
          updates.finish()
        } catch {
          updates.finish(throwing: error)
        }
      }
      updates.onTermination = { _ in task.cancel() }
    }
  }

  private func caption(
    _ image: ImageSource, _ generation: GenerationOptions, _ receive: (CaptionToken) -> Void
  ) async throws -> Caption {
    try await following(receive) { sink in
      try await self.captions(of: image, generation: generation, sink: sink)
    }[0]
  }

  /// Runs `captioning` and hands over the tokens that it gives meanwhile.
  private func following(
    _ receive: (CaptionToken) async throws -> Void,
    _ captioning: @escaping @Sendable (TokenSink) async throws -> [Caption]
  ) async throws -> [Caption] {
    let (tokens, feed) = AsyncStream.makeStream(of: GeneratedToken.self)
    async let captions = {
      defer { feed.finish() }
      return try await captioning(TokenSink { feed.yield($0) })
    }()
    var text = StreamedText(tokenizer)
    for await token in tokens {
      try await receive(
        text.add(token.tokenID, logProbability: token.logProbability, alternatives: token.alternatives))
    }
    return try await captions
  }

  // MARK: Many images

  /// Captions many images, in batches, and hands each one's captions over in order. One that can't be read doesn't
  /// stop the others.
  ///
  /// ```swift
  /// for try await result in captioner.captions(of: photos, generation: GenerationOptions(numBeams: 4)) {
  ///   do {
  ///     print(photos[result.index].path, try result.caption)
  ///   } catch {
  ///     print("no caption: \(error)")
  ///   }
  /// }
  /// ```
  ///
  /// Images are taken from the sequence as there is room for them, so it may be as long as one likes, and lazy.
  ///
  /// - Throws: while it is iterated, what is wrong with the options or the model, and not with an image;
  ///   `CancellationError`.
  public func captions<Images: Sequence>(
    of images: sending Images, generation: GenerationOptions = GenerationOptions()
  ) -> CaptionSequence where Images.Element: ImageSourceConvertible {
    CaptionSequence(run: SequenceRun(images, self, generation))
  }

  /// Captions images as they come, those that are there together in a batch.
  ///
  /// - Throws: while it is iterated, what is wrong with the options or the model, and not with an image; what the
  ///   sequence of images throws, after the captions of those that it gave; `CancellationError`.
  public func captions<Images: AsyncSequence & SendableMetatype>(
    of images: sending Images, generation: GenerationOptions = GenerationOptions()
  ) -> CaptionSequence
  where Images.Element: ImageSourceConvertible, Images.AsyncIterator: SendableMetatype {
    CaptionSequence(run: StreamRun(images, self, generation))
  }

  /// For each image its captions, or why it has none.
  ///
  /// - Parameters:
  ///   - images: as the reader leaves them.
  ///   - isLast: whether no other batch is expected soon.
  package func results(
    of images: [Result<PreparedImage, any Error>], generation: GenerationOptions, isLast: Bool
  ) async throws -> [Result<[Caption], any Error>] {
    let generation = generation.filled(from: defaults)
    var results = images.map { $0.map { _ in [Caption]() } }
    for group in Self.groups(images) {
      let work = ModelHost.Work(images: group.images.map(\.pixels), generation: generation, isLast: isLast)
      let captions = try await captions(of: work, group.images)
      for (number, index) in group.indices.enumerated() { results[index] = captions.map { $0[number] } }
    }
    return results
  }

  /// Images of one size, with their positions.
  private struct Group {
    var indices: [Int] = []
    var images: [PreparedImage] = []
  }

  /// A processor that keeps proportions leaves images of several sizes; equal ones go together.
  private static func groups(_ images: [Result<PreparedImage, any Error>]) -> [Group] {
    var groups: [[Int]: Group] = [:]
    for (index, result) in images.enumerated() {
      guard let image = try? result.get() else { continue }
      let size = [image.pixels.height, image.pixels.width]
      groups[size, default: Group()].indices.append(index)
      groups[size, default: Group()].images.append(image)
    }
    return groups.values.sorted { $0.indices[0] < $1.indices[0] }
  }

  /// - Returns: a failure for images of a size that the model can't take.
  /// - Throws: what is wrong with the options or the model.
  private func captions(
    of work: ModelHost.Work, _ images: [PreparedImage]
  ) async throws -> Result<[[Caption]], any Error> {
    do {
      let outputs = try await admission.admit(waits: true) { try await engine.outputs(work) }
      return .success(zip(outputs, images).map { outputs, image in outputs.map { caption($0, of: image) } })
    } catch
      where imageProcessor.outputSize == nil && (error is ModelError || error is TensorMemoryError)
    {
      return .failure(error)
    }
  }

  // MARK: Options and texts

  /// What `generation` comes to with this checkpoint, nothing left open.
  ///
  /// - Throws: `GenerationError` where the options contradict themselves or the model.
  public func resolved(_ generation: GenerationOptions) async throws -> GenerationOptions {
    try await model.resolved(generation.filled(from: defaults))
  }

  /// A caption's text behind its prompt.
  package func generatedText(of caption: Caption) -> String {
    text(of: caption.tokenIDs.suffix(caption.tokenLogProbabilities.count))
  }

  /// The generated tokens of a caption, as ``tokens(of:generation:)-(ImageSourceConvertible,_)`` gives them.
  package func tokens(of caption: Caption) -> [CaptionToken] {
    var text = StreamedText(tokenizer)
    let count = caption.tokenLogProbabilities.count
    return caption.tokenIDs.suffix(count).enumerated().map { position, tokenID in
      text.add(
        tokenID, logProbability: caption.tokenLogProbabilities[position],
        alternatives: caption.alternatives.isEmpty ? [] : caption.alternatives[position])
    }
  }

  private func text(of tokenIDs: some Sequence<Int>) -> String {
    let text = tokenizer.decode(Array(tokenIDs), skipSpecialTokens: true)
      .trimmingCharacters(in: .whitespacesAndNewlines)
    return options.textCleanup?.clean(text) ?? text
  }

  private func caption(_ output: GenerationOutput, of image: PreparedImage) -> Caption {
    let text = text(of: output.tokenIDs)
    return Caption(
      text: text, tokenIDs: output.tokenIDs,
      score: output.score, tokenLogProbabilities: output.tokenLogProbabilities,
      isCutOff: output.stopReason != .endToken && output.stopReason != .stopString,
      attention: output.attention.map {
        CaptionAttention($0, of: output.tokenIDs, text: text, tokenizer, image, imageProcessor)
      },
      alternatives: output.alternatives)
  }
}

// The same for an image source, so that `captioner.caption(.data(bytes))` can be written.
extension Captioner {
  /// Captions one image.
  ///
  /// - Throws: what ``caption(_:generation:)-(ImageSourceConvertible,_)`` throws.
  public func caption(
    _ image: ImageSource, generation: GenerationOptions = GenerationOptions()
  ) async throws -> Caption {
    try await captions(of: image, generation: generation)[0]
  }

  /// The captions of one image, the best first.
  ///
  /// - Throws: what ``caption(_:generation:)-(ImageSourceConvertible,_)`` throws.
  public func captions(
    of image: ImageSource, generation: GenerationOptions = GenerationOptions()
  ) async throws -> [Caption] {
    try await captions(of: image, generation: generation, sink: nil)
  }

  /// The tokens of an image's caption as they come, then the caption.
  ///
  /// - Throws: while it is iterated, what ``caption(_:generation:)-(ImageSourceConvertible,_)`` throws.
  public func tokens(
    of image: ImageSource, generation: GenerationOptions = GenerationOptions()
  ) -> AsyncThrowingStream<CaptionUpdate, any Error> {
    updates(of: image, generation: generation)
  }
}
