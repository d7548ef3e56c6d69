#if Network
  import Foundation
  import Logging
  import Synchronization
  import Vignette
  import VignetteFiles

  /// The models that are served: loaded when the first request needs them, let go when nobody has needed them for a
  /// while.
  actor ModelStore {
    nonisolated let models: [ServedModel]
    private let options: CaptionerOptions
    private let keepAlive: Duration?
    private let budget: Int?
    /// What each model takes.
    private let sizes: [String: Int]
    private let logger: Logger
    private let load: @Sendable (ServedModel, CaptionerOptions) async throws -> Captioner
    private var entries: [String: Entry] = [:]

    private struct Entry {
      var loading: Task<Captioner, any Error>
      var isLoaded = false
      var leases = 0
      /// Of those that would let the model go, only the latest may.
      var release: Task<Void, Never>?
      /// When it was last asked for.
      var lastUse = ContinuousClock.now
    }

    init(
      _ options: ServerOptions, logger: Logger, observer: any EngineObserver,
      load: @escaping @Sendable (ServedModel, CaptionerOptions) async throws -> Captioner = {
        try await Captioner(modelAt: $0.folder, options: $1)
      }
    ) {
      models = options.models
      var captioner = options.captioner
      // The server counts requests, over all models.
      captioner.queueCapacity = .max
      captioner.refusesWhenFull = false
      captioner.observer = observer
      captioner.gatherLimit = .milliseconds(50)
      self.options = captioner
      keepAlive = options.keepAlive
      budget = options.modelMemory
      sizes = Dictionary(options.models.map { ($0.name, $0.weightByteCount) }) { first, _ in first }
      self.logger = logger
      self.load = load
    }

    /// The model that a request means; the first one where it names none. Ollama's clients add a tag.
    ///
    /// - Throws: `RequestError` where there is no such model.
    nonisolated func model(named name: String?) throws(RequestError) -> ServedModel {
      guard let name, !name.isEmpty else { return models[0] }
      let untagged = name.hasSuffix(":latest") ? String(name.dropLast(":latest".count)) : name
      if let model = models.first(where: { $0.name == name || $0.name == untagged }) { return model }
      throw .noModel(name, served: models.map(\.name))
    }

    /// The model, loaded, which stays so as long as the lease lives.
    ///
    /// - Throws: `RequestError` where it can't be loaded, and the log says why; where there is no room for it.
    func lease(_ model: ServedModel) async throws -> ModelLease {
      let start = ContinuousClock.now
      if entries[model.name] == nil { try makeRoom(for: model) }
      var entry = entries[model.name] ?? Entry(loading: loading(model))
      entry.leases += 1
      entry.lastUse = start
      entry.release?.cancel()
      entry.release = nil
      entries[model.name] = entry
      do {
        let captioner = try await entry.loading.value
        let wasLoaded = entries[model.name]?.isLoaded ?? true
        entries[model.name]?.isLoaded = true
        return ModelLease(
          captioner: captioner, model: model, loadTime: wasLoaded ? .zero : .now - start
        ) { [weak self] in
          Task { await self?.giveBack(model) }
        }
      } catch {
        // The next one may have more luck.
        if entries[model.name]?.loading == entry.loading { entries[model.name] = nil }
        logger.error("model not loaded", metadata: ["model": "\(model.name)", "reason": "\(error)"])
        throw RequestError.modelNotLoaded(model.name)
      }
    }

    private func loading(_ model: ServedModel) -> Task<Captioner, any Error> {
      Task { [load, options, logger] in
        let start = ContinuousClock.now
        let captioner = try await load(model, options)
        logger.info(
          "model loaded",
          metadata: [
            "model": "\(model.name)", "duration_ms": "\(Int((.now - start) / .milliseconds(1)))",
          ])
        return captioner
      }
    }

    /// Lets go the models that nobody uses, as far as this one needs their memory.
    ///
    /// - Throws: `RequestError` where those at work leave too little.
    private func makeRoom(for model: ServedModel) throws(RequestError) {
      guard let budget else { return }
      func size(_ name: String) -> Int { sizes[name] ?? 0 }
      let idle = entries.filter { $0.value.leases == 0 }.sorted { $0.value.lastUse < $1.value.lastUse }
      var held = entries.keys.reduce(0) { $0 + size($1) }
      let working = held - idle.reduce(0) { $0 + size($1.key) }
      guard size(model.name) <= budget - working else {
        throw .noRoomForModel(model.name, size: size(model.name), held: working, budget: budget)
      }
      for (name, entry) in idle where held > budget - size(model.name) {
        entry.release?.cancel()
        entries[name] = nil
        held -= size(name)
        logger.info("model released", metadata: ["model": "\(name)", "for": "\(model.name)"])
      }
    }

    private func giveBack(_ model: ServedModel) {
      guard var entry = entries[model.name] else { return }
      entry.leases -= 1
      if entry.leases == 0, let keepAlive {
        entry.release = Task { [weak self] in
          try? await Task.sleep(for: keepAlive)
          guard !Task.isCancelled else { return }
          await self?.release(model)
        }
      }
      entries[model.name] = entry
    }

    private func release(_ model: ServedModel) {
      guard let entry = entries[model.name], entry.leases == 0, !Task.isCancelled else { return }
      entries[model.name] = nil
      logger.info("model released", metadata: ["model": "\(model.name)"])
    }

    /// Lets a model go at once, unless it is at work.
    func unload(_ model: ServedModel) {
      entries[model.name]?.release?.cancel()
      release(model)
    }

    /// The names of those that are loaded.
    var loaded: Set<String> { Set(entries.filter(\.value.isLoaded).keys) }

    /// The names of those that are in use.
    var working: Set<String> { Set(entries.filter { $0.value.leases > 0 }.keys) }

    /// Lets all go that nobody uses, and no more be let go later.
    func shutDown() {
      for entry in entries.values { entry.release?.cancel() }
      entries = entries.filter { $0.value.leases > 0 }
    }
  }

  extension ServedModel {
    /// The size of the model's weight files; of those in several formats, the ones that are read.
    var weightByteCount: Int {
      let names = (try? FileName.list(folder.path)) ?? []
      let sizes = [("model", ".safetensors"), ("pytorch_model", ".bin"), ("", ".pth")].map { start, ending in
        names.filter { $0.hasPrefix(start) && $0.hasSuffix(ending) }.reduce(0) { sum, name in
          sum + (FileSystem.byteCount(of: folder.appendingPathComponent(name).path) ?? 0)
        }
      }
      return sizes.first { $0 > 0 } ?? 0
    }
  }

  /// A loaded model in use.
  final class ModelLease: Sendable {
    let captioner: Captioner
    let model: ServedModel
    /// How long this request waited for the model to be loaded.
    let loadTime: Duration
    private let end: @Sendable () -> Void

    init(
      captioner: Captioner, model: ServedModel, loadTime: Duration, end: @escaping @Sendable () -> Void
    ) {
      self.captioner = captioner
      self.model = model
      self.loadTime = loadTime
      self.end = end
    }

    deinit { end() }
  }
#endif
