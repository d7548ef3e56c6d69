#if Network
  import Foundation
  import Hummingbird
  import HummingbirdCore
  import HummingbirdTLS
  package import Logging
  import NIOCore
  import NIOSSL
  import ServiceLifecycle
  import Vignette
  import VignetteFiles

  /// The server: models behind the APIs that clients know.
  ///
  ///     let server = try CaptionServer(ServerOptions(models: models), version: "0.1.0", logger: logger)
  ///     try await server.run { port in print("listening on port \(port)") }
  package struct CaptionServer: Sendable {
    private let options: ServerOptions
    private let logger: Logger
    private let parts: ServerParts
    private let builder: HTTPServerBuilder
    private let group: StoppableGroup

    /// - Throws: `SettingError` where an option doesn't work; what is wrong with the TLS files.
    package init(_ options: ServerOptions, version: String, logger: Logger) throws {
      try Self.check(options)
      self.options = options
      self.logger = logger
      let http = HTTP1Channel.Configuration(
        additionalChannelHandlers: [ConnectionGuard(options.limits)],
        idleTimeout: TimeAmount(options.limits.idleTimeout))
      builder =
        if let files = options.tls {
          try .tls(.http1(configuration: http), tlsConfiguration: Self.configuration(files))
        } else {
          .http1(configuration: http)
        }
      parts = ServerParts(options, version: version, logger: logger)
      group = StoppableGroup()
    }

    /// Serves until ``stop()`` is called, or the task is cancelled, which gives up what is being done.
    ///
    /// - Parameter onListening: called with the port.
    /// - Throws: why the server can't listen.
    package func run(onListening: @escaping @Sendable (_ port: Int) -> Void = { _ in }) async throws {
      var configuration = ApplicationConfiguration(
        address: .hostname(options.host, port: options.port), serverName: nil)
      configuration.availableConnectionsDelegate = .maximum(options.limits.connections, logger: quiet)
      let (lifecycle, port) = (parts.lifecycle, options.port)
      let application = Application(
        router: parts.router(), server: builder, configuration: configuration,
        onServerRunning: { channel in
          lifecycle.listening()
          onListening(channel.localAddress?.port ?? port)
        }, logger: quiet)
      // The last one is told first to stop.
      var services = ServiceGroupConfiguration(services: [application, lifecycle], logger: quiet)
      services.maximumGracefulShutdownDuration =
        options.limits.requestTimeout + options.drainDelay + .seconds(10)
      do {
        try await group.run(ServiceGroup(configuration: services))
      } catch let error as IOError {
        throw SystemError("listen on", "\(options.host), port \(options.port)", code: error.errnoCode)
      }
      await parts.store.shutDown()
    }

    /// Says that the server isn't ready any more, then stops listening and finishes what it has taken.
    package func stop() { group.stop() }

    /// Requests that are being captioned, in images.
    package var imageCount: Int { parts.slots.count }

    /// Servers' own chatter is about connections.
    private var quiet: Logger {
      var logger = logger
      logger.logLevel = max(logger.logLevel, .warning)
      return logger
    }

    private static func check(_ options: ServerOptions) throws {
      guard !options.models.isEmpty else { throw SettingError("model", "is missing") }
      var names: Set<String> = []
      for model in options.models where !names.insert(model.name).inserted {
        throw SettingError("model", "is given twice with the name \"\(model.name)\"")
      }
      for model in options.models {
        guard let budget = options.modelMemory, model.weightByteCount > budget else { continue }
        throw SettingError(
          "max_model_memory",
          "is \(ByteCount(budget)), but the model \"\(model.name)\" alone takes \(ByteCount(model.weightByteCount))"
        )
      }
      if let key = options.apiKey, key.isEmpty { throw SettingError("api_key", "must not be empty") }
    }

    private static func configuration(_ files: TLSFiles) throws -> TLSConfiguration {
      func readable(_ path: String) throws {
        guard FileSystem.exists(FileName.url(path)) else { throw SystemError("read", path, code: ENOENT) }
      }
      try readable(files.certificate)
      try readable(files.key)
      do {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificate)
        let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
          certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.applicationProtocols = ["http/1.1"]
        configuration.minimumTLSVersion = .tlsv12
        // Whether they belong together.
        _ = try NIOSSLContext(configuration: configuration)
        return configuration
      } catch {
        throw FileError(
          files.certificate,
          "isn't a PEM certificate that belongs to the key in \(files.key) (\(error))")
      }
    }
  }

  /// A group of services that can be stopped before it runs.
  private final class StoppableGroup: Sendable {
    private let signal = AsyncStream.makeStream(of: Void.self)

    func run(_ group: ServiceGroup) async throws {
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { [signal] in
          for await _ in signal.stream { break }
          if !Task.isCancelled { await group.triggerGracefulShutdown() }
        }
        try await group.run()
        tasks.cancelAll()
      }
    }

    func stop() { signal.continuation.yield() }
  }
#endif
