#if Network
  import Foundation
  import HTTPTypes
  import Vignette
  import VignetteModels

  /// From a request to captions, whatever API it came by.
  struct CaptionService: Sendable {
    let options: ServerOptions
    let store: ModelStore
    let slots: Slots
    let measures: Measures
    let fetcher: (any ImageFetching)?

    /// Everything that can go wrong before a model computes: the request has its place in the queue, a model, options
    /// that suit it, and images that are read.
    ///
    /// - Throws: `RequestError`, or why the model can't be loaded.
    func prepare(_ request: CaptionRequest) async throws -> CaptionJob {
      let images = request.images
      guard !images.isEmpty else { throw RequestError.invalid("the request has no image") }
      guard images.count <= options.limits.images else {
        throw RequestError(
          .contentTooLarge, "too_many_images",
          "the request has \(images.count) images; the limit is \(options.limits.images)")
      }
      let model = try store.model(named: request.model)
      let slot = try slots.take(images.count)
      let lease = try await store.lease(model)
      let generation = try Self.generation(of: request, lease.captioner, options)
      let prepared = try await prepare(images, lease.captioner)
      try Self.checkAttention(of: prepared, generation, lease.captioner, options.limits)
      return CaptionJob(
        request: request.withoutBytes, generation: generation, lease: lease, slot: slot, images: prepared,
        measures: measures)
    }

    /// What a request comes to with a model and the server's own options.
    ///
    /// - Throws: what is wrong with it.
    static func generation(
      of request: CaptionRequest, _ captioner: Captioner, _ options: ServerOptions
    ) throws -> GenerationOptions {
      var generation = request.generation.filled(from: options.generation)
      if let prompt = request.clientPrompt, !prompt.isEmpty, options.usesPrompts, captioner.takesPrompt {
        generation.prompt = prompt
      }
      if request.attention != .none { generation.outputAttentions = true }
      if !request.stops.isEmpty { generation.stopStrings = request.stops }
      if let count = request.captionCount, count > 1 {
        generation.numReturnSequences = count
        let effective = generation.filled(from: captioner.defaults)
        if effective.doSample != true { generation.numBeams = max(count, effective.numBeams ?? 1) }
      }
      let limits = options.limits
      for (name, value, limit) in [
        ("num_beams", generation.numBeams, limits.beams),
        ("num_return_sequences", generation.numReturnSequences, limits.beams),
        ("top_log_probabilities", generation.topLogProbabilities, limits.alternatives),
      ] {
        guard let value, value > limit else { continue }
        throw RequestError.invalid("\"\(name)\" must be at most \(limit), but is \(value)", field: name)
      }
      try captioner.check(generation)
      return generation
    }

    /// What models hold of attention, whether in the answer or not, grows with all that a client can ask for.
    ///
    /// - Throws: `RequestError` where it may be too much.
    static func checkAttention(
      of images: [Result<PreparedImage, RequestError>], _ generation: GenerationOptions,
      _ captioner: Captioner,
      _ limits: ServerLimits
    ) throws {
      guard generation.outputAttentions == true else { return }
      var count = 0.0
      for case .success(let image) in images {
        count += try captioner.attentionCount(of: image, generation: generation)
      }
      guard count <= Double(limits.attentionWeights) else {
        throw RequestError.tooMuchAttention(count, limit: limits.attentionWeights)
      }
    }

    private func prepare(
      _ images: [ImageInput], _ captioner: Captioner
    ) async throws -> [Result<PreparedImage, RequestError>] {
      try await withThrowingTaskGroup(of: (Int, Result<PreparedImage, RequestError>).self) { group in
        for (index, image) in images.enumerated() {
          group.addTask {
            do {
              let bytes = try await bytes(of: image)
              return (index, .success(try await captioner.prepared(.data(bytes))))
            } catch {
              guard let error = RequestError(explaining: error) else { throw error }
              return (index, .failure(error))
            }
          }
        }
        var results: [Int: Result<PreparedImage, RequestError>] = [:]
        for try await (index, result) in group { results[index] = result }
        return images.indices.compactMap { results[$0] }
      }
    }

    private func bytes(of image: ImageInput) async throws -> Data {
      switch image.source {
      case .bytes(let bytes): return bytes
      case .address(let address):
        guard let fetcher else {
          throw RequestError(
            .badRequest, "urls_not_allowed",
            "this server fetches no images from web addresses; send the image itself, in base64 or as a data: URL"
          )
        }
        return try await fetcher.fetch(address)
      }
    }
  }

  /// Fetches images from web addresses.
  protocol ImageFetching: Sendable {
    /// - Throws: `RequestError`.
    func fetch(_ address: String) async throws -> Data
  }

  /// A request that is ready for its model.
  final class CaptionJob: Sendable {
    let request: CaptionRequest
    let generation: GenerationOptions
    let lease: ModelLease
    let images: [Result<PreparedImage, RequestError>]
    let created = Date()
    private let slot: Slot
    private let measures: Measures

    init(
      request: CaptionRequest, generation: GenerationOptions, lease: ModelLease, slot: Slot,
      images: [Result<PreparedImage, RequestError>], measures: Measures
    ) {
      self.request = request
      self.generation = generation
      self.lease = lease
      self.slot = slot
      self.images = images
      self.measures = measures
    }

    var modelName: String { lease.model.name }

    enum Event: Sendable {
      case begin(image: Int, name: String?)
      case token(CaptionToken, image: Int)
      case end(ImageResult)
    }

    /// Captions the images: one after the other with their tokens in a stream, else together.
    ///
    /// - Parameter deadline: after which what isn't finished is given up.
    func events(
      _ connection: ConnectionState?, deadline: ContinuousClock.Instant, limit: Duration
    ) -> AsyncThrowingStream<Event, any Error> {
      AsyncThrowingStream { events in
        let task = Task {
          do {
            try await withDeadline(deadline - .now, else: .timeout(limit)) {
              try await self.run { events.yield($0) }
            }
            events.finish()
          } catch {
            events.finish(throwing: error)
          }
        }
        let watch = connection?.onDeparture { task.cancel() }
        events.onTermination = { _ in
          task.cancel()
          if let watch { connection?.forget(watch) }
        }
      }
    }

    private func run(_ send: @escaping @Sendable (Event) -> Void) async throws {
      if request.streams {
        for index in images.indices {
          send(.begin(image: index, name: request.images[index].name))
          send(.end(try await result(index) { send(.token($0, image: index)) }))
        }
        return
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in images.indices {
          group.addTask { send(.end(try await self.result(index) { _ in })) }
        }
        try await group.waitForAll()
      }
    }

    private func result(_ index: Int, _ receive: (CaptionToken) -> Void) async throws -> ImageResult {
      let name = request.images[index].name
      let image: PreparedImage
      switch images[index] {
      case .success(let prepared): image = prepared
      case .failure(let error): return ImageResult(index: index, name: name, captions: .failure(error))
      }
      let captions: Result<[ServedCaption], RequestError>
      do {
        let found = try await lease.captioner.captions(of: image, generation: generation, receive: receive)
        captions = .success(found.map(served))
        measures.captioned(model: modelName, tokens: found.reduce(0) { $0 + $1.tokenLogProbabilities.count })
      } catch {
        guard let error = RequestError(explaining: error) else { throw error }
        captions = .failure(error)
      }
      return ImageResult(
        index: index, name: name, width: image.originalWidth, height: image.originalHeight,
        captions: captions)
    }

    private func served(_ caption: Caption) -> ServedCaption {
      ServedCaption(
        text: StopCut.cut(caption.text, before: request.stops), caption: caption,
        tokens: lease.captioner.tokens(of: caption))
    }
  }

  /// OpenAI's and Ollama's stop texts end a caption without standing in it; Transformers' do.
  enum StopCut {
    static func cut(_ text: String, before stops: [String]) -> String {
      let first = stops.compactMap { text.range(of: $0)?.lowerBound }.min()
      return first.map { text[..<$0].trimmingCharacters(in: .whitespacesAndNewlines) } ?? text
    }
  }
#endif
