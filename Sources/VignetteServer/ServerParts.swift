#if Network
  import Foundation
  import HTTPTypes
  import Hummingbird
  import Logging
  import Vignette
  import VignetteFiles

  /// What a server is made of, and its routes.
  struct ServerParts: Sendable {
    let options: ServerOptions
    let version: String
    let logger: Logger
    let measures: Measures
    let store: ModelStore
    let slots: Slots
    let held: HeldBytes
    let key: KeyCheck
    let lifecycle: Lifecycle
    private let service: CaptionService

    init(_ options: ServerOptions, version: String, logger: Logger) {
      self.options = options
      self.version = version
      self.logger = logger
      measures = Measures()
      store = ModelStore(options, logger: logger, observer: measures)
      slots = Slots(capacity: options.limits.queueCapacity)
      held = HeldBytes(limit: options.limits.heldBytes)
      key = KeyCheck(options.apiKey)
      lifecycle = Lifecycle(drainDelay: options.drainDelay)
      service = CaptionService(
        options: options, store: store, slots: slots, measures: measures,
        fetcher: options.allowsURLs ? Self.fetcher(options) : nil)
    }

    private static func fetcher(_ options: ServerOptions) -> ImageFetcher {
      options.fetchesFromPublicAddressesAlone
        ? ImageFetcher(options.limits) : ImageFetcher(options.limits) { _ in true }
    }

    func router() -> Router<ServerContext> {
      let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
      router.add(middleware: RequestLog(measures: measures, logger: logger))
      if !options.corsOrigins.isEmpty { router.add(middleware: CrossOrigin(origins: options.corsOrigins)) }
      addCaptionRoutes(router)
      addModelRoutes(router)
      addStateRoutes(router)
      addPage(router)
      return router
    }

    private func addCaptionRoutes(_ router: Router<ServerContext>) {
      let huggingFace = route(HuggingFaceAPI())
      router.post("/") { await huggingFace.respond($0, $1) }
      router.post("/models/**") { request, context in
        let name = context.parameters.getCatchAll().joined(separator: "/")
        return await huggingFace.respond(
          request, context, pathModel: name.removingPercentEncoding ?? name)
      }
      let posts: [(RouterPath, any CaptionAPI)] = [
        ("/v1/chat/completions", OpenAIChatAPI(version: version)), ("/v1/responses", OpenAIResponsesAPI()),
        ("/api/generate", OllamaAPI(form: .generate)), ("/api/chat", OllamaAPI(form: .chat)),
        ("/api/v1/caption", OwnAPI()),
      ]
      for (path, api) in posts {
        let route = route(api)
        router.post(path) { await route.respond($0, $1) }
      }
    }

    private func route(_ api: any CaptionAPI) -> CaptionRoute {
      CaptionRoute(
        api: api, service: service, reader: BodyReader(limits: options.limits, held: held), key: key,
        lifecycle: lifecycle)
    }

    /// Whether the server lives, is ready, and how it fares.
    private func addStateRoutes(_ router: Router<ServerContext>) {
      router.get("/health/live") { _, _ in Response(json: ["status": "live"]) }
      router.get("/health/ready") { [lifecycle] _, _ in
        lifecycle.isReady
          ? Response(json: ["status": "ready"])
          : Response(json: ["status": "not ready"], status: .serviceUnavailable)
      }
      router.get("/metrics") { [self] request, _ in
        guard key.allows(request.headers) else { return Self.unauthorized }
        let text = await measures.text(
          models: options.models, loaded: store.loaded, heldBytes: held.current)
        return Response(
          status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
          body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
      }
      router.get("/openapi.json") { [options, version] _, _ in
        Response(json: OpenAPIDocument(options, version: version).json)
      }
    }

    static let unauthorized = Response(
      json: ["error": .string(RequestError.unauthorized.message)], error: .unauthorized)

    private func addPage(_ router: Router<ServerContext>) {
      for (path, asset) in Page.assets {
        let asset = PageAsset(asset.contentType, asset.body)
        router.get(RouterPath(path)) { request, _ in asset.response(to: request) }
      }
    }
  }

  /// A file of the page.
  private struct PageAsset: Sendable {
    private let body: ByteBuffer
    private let headers: HTTPFields

    /// Nothing but the page's own scripts and styles.
    private static let contentSecurityPolicy =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
      + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    init(_ contentType: String, _ body: String) {
      self.body = ByteBuffer(string: body)
      var headers: HTTPFields = [
        .contentType: contentType, .cacheControl: "no-cache",
        .contentSecurityPolicy: Self.contentSecurityPolicy, .xContentTypeOptions: "nosniff",
        .eTag: "\"\(SHA256Sum(Array(body.utf8)).description.prefix(32))\"",
      ]
      if let name = HTTPField.Name("Referrer-Policy") { headers[name] = "no-referrer" }
      self.headers = headers
    }

    func response(to request: Request) -> Response {
      if let known = request.headers[.ifNoneMatch], known == headers[.eTag] {
        return Response(status: .notModified, headers: headers)
      }
      return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: body))
    }
  }
#endif
