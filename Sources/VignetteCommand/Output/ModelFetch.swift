#if Network
  import Foundation
  import VignetteFiles
  import VignetteHTTP
  import VignetteHub
  import VignetteReports

  /// Fetches a model into the Hugging Face cache, with a bar.
  enum ModelFetch {
    /// - Parameter isWanted: asked once what would be fetched is known.
    /// - Returns: the model's folder.
    /// - Throws: `HubError`, what the file system refuses; ``ExitStatus/unusable`` where it isn't wanted.
    static func run(
      _ name: HubModelName, _ settings: HubSettings,
      isWanted: (HubPull.Plan) async throws -> Bool = { _ in true }
    ) async throws -> URL {
      try await connected(settings) { hub in
        let pull = HubPull(name, into: HubCache(), from: hub)
        let plan = try await pull.plan()
        if try await !isWanted(plan) {
          StandardError.print("vignette: nothing is fetched")
          throw ExitStatus.unusable
        }
        let progress = TransferProgress(
          "fetching \(name.repository)", plan.byteCount, done: plan.arrivedByteCount)
        defer { progress.finish() }
        return try await pull.run(plan) { stage in
          switch stage {
          case .fetching(let count): progress.update(to: count)
          case .waiting(let file): progress.say("\(file): waiting for another process that fetches it")
          case .checking: break
          }
        }
      }
    }

    /// Runs `body` with a connection to the hub.
    static func connected<Result>(
      _ settings: HubSettings, _ body: (HubConnection) async throws -> Result
    ) async throws -> Result {
      var options = HTTPFetcher.Options()
      options.proxies = try ProxySettings(environment: FileName.environment())
      return try await HTTPFetcher.withFetcher(options) { try await body(HubConnection(settings, over: $0)) }
    }
  }
#endif
