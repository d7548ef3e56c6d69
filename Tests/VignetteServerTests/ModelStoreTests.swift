#if Network
  import Foundation
  import Logging
  import Testing
  import Vignette
  import VignetteFiles

  @testable import VignetteServer

  /// Which models stay in memory where there is none for all.
  @Suite struct ModelStoreTests {
    private static let names = ["a", "b", "c"]
    private let size: Int
    private let store: ModelStore

    init() async throws {
      let weights = TestedServer.folder.appendingPathComponent("model.safetensors").path
      size = try #require(FileSystem.byteCount(of: weights))
      var options = ServerOptions(
        models: Self.names.map { ServedModel(name: $0, folder: TestedServer.folder) })
      options.modelMemory = 2 * size + size / 2
      let captioner = try await Captioner(modelAt: TestedServer.folder)
      store = ModelStore(options, logger: Logger(label: "test"), observer: Measures()) { _, _ in captioner }
    }

    private func lease(_ name: String) async throws -> ModelLease {
      try await store.lease(store.model(named: name))
    }

    /// Asks for a model and gives it back; the store hears of that a moment later.
    private func use(_ name: String) async throws {
      _ = try await lease(name)
      #expect(try await eventually { await !store.working.contains(name) })
    }

    @Test func theOneAskedLongestAgoGoes() async throws {
      for name in ["a", "b", "a"] { try await use(name) }
      #expect(await store.loaded == ["a", "b"])
      try await use("c")
      #expect(await store.loaded == ["a", "c"])
      try await use("b")
      #expect(await store.loaded == ["b", "c"])
    }

    @Test func oneAtWorkNeverGoes() async throws {
      let first = try await lease("a")
      try await use("b")
      // Not the one that was asked before, but the one that is idle.
      let third = try await lease("c")
      #expect(await store.loaded == ["a", "c"])
      let error = await #expect(throws: RequestError.self) { _ = try await lease("b") }
      #expect(error?.code == "no_room_for_model" && error?.isServers == true && error?.retryAfter == 5)
      #expect(
        error?.message == "the model \"b\" takes \(ByteCount(size)), and models that are at work take "
          + "\(ByteCount(2 * size)) of the \(ByteCount(2 * size + size / 2)) that all may take together; try again later"
      )
      #expect(await store.loaded == ["a", "c"])
      // Those that are loaded are there for others, too.
      _ = try await lease("a")
      withExtendedLifetime((first, third)) {}
    }

    @Test func aModelThatNeverFitsIsRefusedAtOnce() {
      var options = ServerOptions(models: [ServedModel(name: "a", folder: TestedServer.folder)])
      options.modelMemory = size - 1
      #expect {
        _ = try CaptionServer(options, version: "1", logger: Logger(label: "test"))
      } throws: {
        ($0 as? SettingError)?.setting == "max_model_memory"
      }
    }
  }
#endif
