#if Network
  import ArgumentParser
  import Foundation
  import Logging
  import Synchronization
  import Vignette
  import VignetteFiles
  import VignetteImages
  import VignetteModels
  import VignetteServer

  struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "serve",
      abstract: "Serves captions over HTTP, by the APIs of Hugging Face, OpenAI and Ollama, and a web page.",
      discussion: """
        Clients that people already have get captions by changing their server's address:

          vignette serve --model nlpconnect/vit-gpt2-image-captioning
          curl -s --data-binary @photo.jpg http://127.0.0.1:8080/

        The first answers on http://127.0.0.1:8080: a page in the browser, Hugging Face's inference API at / and \
        /models/NAME, OpenAI's at /v1/chat/completions and /v1/responses, Ollama's at /api/generate and /api/chat, one of \
        its own at /api/v1/caption, described with the others in /openapi.json; /health/live, /health/ready and \
        /metrics besides. Options of generation hold where a request asks for nothing else.

        Requests that wait together are computed together. With SIGTERM or Ctrl-C the server stops listening and \
        finishes what it has taken; a second one ends it at once.
        """)

    @Option(
      help: """
        Checkpoint folder, or name of a model on the Hugging Face hub; several are served by their names, a folder's \
        being its last part, or what stands before it: NAME=FOLDER.
        """)
    var model: [String]

    @Option(help: "Address to listen on; 0.0.0.0 or :: for all of this machine's.")
    var host = "127.0.0.1"

    @Option(parsing: .unconditional, help: "Port to listen on; 0 for any that is free.")
    var port = 8080

    @OptionGroup(title: "Access")
    var access: ServeAccess

    @OptionGroup(title: "Limits")
    var limits: ServeLimits

    @Flag(
      help: "Begin captions with the text that clients send, with models that have learned to go on from one."
    )
    var usePrompts = false

    @Option(
      parsing: .unconditional, help: "Seconds after which a model that nobody asks is let go; -1 for never.")
    var keepAlive = 300.0

    @Option(
      parsing: .unconditional,
      help: """
        Bytes of memory that loaded models may take together, counted by their weight files. Where another model is asked \
        for, those that nobody uses are let go, the one asked longest ago first; where that isn't enough, requests for it are \
        refused (503). Without it, as many are loaded as are asked.
        """)
    var maxModelMemory: Int?

    @Option(help: "Format of the log on standard error: text or json.")
    var logFormat = ServerLogHandler.Format.text

    @OptionGroup(title: "Generation")
    var generation: GenerationArguments

    @Option(parsing: .unconditional, help: "Number of images that go through the model at a time.")
    var batchSize = 8

    @Option(help: "Compute dtype.")
    var dtype = Precision.float32

    @Flag(help: "Take images of another size than the model's, interpolating its positions.")
    var interpolatePosEncoding = false

    @OptionGroup(title: "Models") var hub: HubArguments
    @OptionGroup var compute: ComputeArguments

    func validate() throws {
      if model.isEmpty { throw ValidationError("--model is missing") }
      if batchSize < 1 { throw ValidationError("--batch-size must be at least 1, but is \(batchSize)") }
      if !(0...65535).contains(port) {
        throw ValidationError("--port must be from 0 to 65535, but is \(port)")
      }
      if let maxModelMemory, maxModelMemory < 1 {
        throw ValidationError("--max-model-memory must be at least 1, but is \(maxModelMemory)")
      }
      try access.validate(host: host)
      try limits.validate()
    }

    func run() async throws {
      let format = logFormat
      let handler: @Sendable (String) -> any LogHandler = { label in
        ServerLogHandler(label: label, format) { StandardError.print($0) }
      }
      let logger = Logger(label: "vignette.server", factory: handler)
      let stopper = ServerStopper(logger)
      try await reportingErrors(
        logging: handler, ending: { stopper.stop() }, { try await serve(logger, stopper) })
    }

    private func serve(_ logger: Logger, _ stopper: ServerStopper) async throws {
      compute.apply()
      let server = try CaptionServer(
        await options(), version: VignetteCommand.configuration.version, logger: logger)
      stopper.server = server
      let scheme = access.tlsCertificate == nil ? "http" : "https"
      let name = host.contains(":") ? "[\(host)]" : host
      try await server.run { port in
        logger.info("listening", metadata: ["url": "\(scheme)://\(name):\(port)"])
      }
      logger.info("stopped")
    }

    private func options() async throws -> ServerOptions {
      var options = ServerOptions(models: try await served())
      (options.host, options.port) = (host, port)
      options.generation = generation.options
      options.usesPrompts = usePrompts
      options.keepAlive = keepAlive < 0 ? nil : .seconds(keepAlive)
      options.modelMemory = maxModelMemory
      options.captioner.dtype = dtype
      options.captioner.batchSize = batchSize
      options.captioner.interpolatesPositions = interpolatePosEncoding
      access.apply(to: &options)
      limits.apply(to: &options)
      return options
    }

    /// - Throws: what says that there is no such model, before the server listens.
    private func served() async throws -> [ServedModel] {
      var served: [ServedModel] = []
      for argument in model { served.append(try await self.served(argument)) }
      return served
    }

    private func served(_ argument: String) async throws -> ServedModel {
      let parts = argument.split(separator: "=", maxSplits: 1)
      if parts.count == 2, !FileSystem.exists(FileName.url(argument)) {
        return ServedModel(name: String(parts[0]), folder: try await hub.resolve(captioner: String(parts[1])))
      }
      let folder = try await hub.resolve(captioner: argument)
      let isFolder = FileSystem.exists(FileName.url(argument))
      let name =
        isFolder ? folder.standardizedFileURL.lastPathComponent : String(argument.prefix { $0 != "@" })
      return ServedModel(name: name, folder: folder)
    }
  }

  extension ServerLogHandler.Format: ExpressibleByArgument {}

  /// Hands the first signal to the server, once there is one.
  private final class ServerStopper: Sendable {
    private let state = Mutex<(server: CaptionServer?, isStopped: Bool)>((nil, false))
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    var server: CaptionServer? {
      get { state.withLock { $0.server } }
      set {
        let isStopped = state.withLock { state in
          state.server = newValue
          return state.isStopped
        }
        if isStopped { newValue?.stop() }
      }
    }

    /// - Returns: whether there is a server to stop.
    func stop() -> Bool {
      let server = state.withLock { state in
        state.isStopped = true
        return state.server
      }
      guard let server else { return false }
      logger.info("stopping; again to end at once", metadata: ["images": "\(server.imageCount)"])
      server.stop()
      return true
    }
  }

  /// Who may ask, and how.
  struct ServeAccess: ParsableArguments {
    @Option(
      help: """
        Key that clients must send (Authorization: Bearer KEY). Other users of this machine can see it in the list of \
        processes; VIGNETTE_API_KEY in the environment is not seen.
        """)
    var apiKey: String?

    @Flag(help: "Listen on other addresses than this machine's own without a key.")
    var insecure = false

    @Option(
      help: "Web page whose scripts may ask, as https://example.org, or * for all; several may be given.")
    var corsOrigin: [String] = []

    @Option(help: "PEM file with the certificate, and those that lead to a known one, for HTTPS.")
    var tlsCertificate: String?

    @Option(help: "PEM file with the certificate's key.")
    var tlsKey: String?

    @Flag(help: "Fetch images that requests name by web address; those of private networks are refused.")
    var allowUrls = false

    private var key: String? {
      let key = apiKey ?? FileName.environment()["VIGNETTE_API_KEY"]
      return key == "" ? nil : key
    }

    func validate(host: String) throws {
      if (tlsCertificate == nil) != (tlsKey == nil) {
        throw ValidationError("--tls-certificate and --tls-key belong together")
      }
      let isOwn = host == "localhost" || host == "::1" || host.hasPrefix("127.")
      if !isOwn, key == nil, !insecure {
        throw ValidationError(
          "everybody who reaches \(host) could have images captioned: give --api-key (or VIGNETTE_API_KEY), or --insecure"
        )
      }
    }

    func apply(to options: inout ServerOptions) {
      options.apiKey = key
      options.corsOrigins = corsOrigin
      options.allowsURLs = allowUrls
      if let tlsCertificate, let tlsKey {
        options.tls = TLSFiles(certificate: tlsCertificate, key: tlsKey)
      }
    }
  }

  /// What requests may take.
  struct ServeLimits: ParsableArguments {
    @Option(parsing: .unconditional, help: "Maximum number of bytes of a request.")
    var maxBodyBytes = ServerLimits().bodyBytes

    @Option(
      parsing: .unconditional,
      help: "Maximum number of pixels of an image; larger ones are refused before they are decoded.")
    var maxImagePixels = 50_000_000

    @Option(parsing: .unconditional, help: "Maximum number of images of a request.")
    var maxImages = ServerLimits().images

    @Option(
      parsing: .unconditional, help: "Number of images that may wait or be captioned; more are refused (429)."
    )
    var queueSize = ServerLimits().queueCapacity

    @Option(
      parsing: .unconditional,
      help: "Bytes of memory that requests may take together while they are received; more are refused (503)."
    )
    var maxRequestMemory = ServerLimits().heldBytes

    @Option(parsing: .unconditional, help: "Maximum number of connections; more wait.")
    var maxConnections = ServerLimits().connections

    @Option(
      parsing: .unconditional,
      help: "Seconds after which a request that has no caption yet is given up (504).")
    var timeout = 120.0

    @Option(parsing: .unconditional, help: "Seconds within which a request must have been received (408).")
    var readTimeout = 30.0

    @Option(
      parsing: .unconditional,
      help:
        "Seconds between the end of readiness and the end of listening, so that load balancers look elsewhere."
    )
    var drainDelay = 0.0

    func validate() throws {
      let integers = [
        ("--max-body-bytes", maxBodyBytes), ("--max-image-pixels", maxImagePixels),
        ("--max-images", maxImages), ("--queue-size", queueSize),
        ("--max-request-memory", maxRequestMemory), ("--max-connections", maxConnections),
      ]
      for (name, value) in integers where value < 1 {
        throw ValidationError("\(name) must be at least 1, but is \(value)")
      }
      for (name, value) in [("--timeout", timeout), ("--read-timeout", readTimeout)]
      where !(value > 0 && value < 1e6) {
        throw ValidationError("\(name) must be a number of seconds above 0, but is \(value)")
      }
      if !(drainDelay >= 0 && drainDelay < 1e6) {
        throw ValidationError("--drain-delay must be a number of seconds, but is \(drainDelay)")
      }
    }

    func apply(to options: inout ServerOptions) {
      options.limits.bodyBytes = maxBodyBytes
      options.limits.images = maxImages
      options.limits.queueCapacity = queueSize
      options.limits.heldBytes = maxRequestMemory
      options.limits.connections = maxConnections
      options.limits.requestTimeout = .seconds(timeout)
      options.limits.bodyTimeout = .seconds(readTimeout)
      options.limits.headTimeout = .seconds(min(readTimeout, 10))
      options.captioner.maximumImagePixels = maxImagePixels
      options.drainDelay = .seconds(drainDelay)
    }
  }
#endif
