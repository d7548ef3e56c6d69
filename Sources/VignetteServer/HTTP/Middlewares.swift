#if Network
  import Foundation
  import HTTPTypes
  import Hummingbird
  import Logging
  import VignetteFiles

  /// Measures each request and logs a line about it: who asked what, and what came of it; nothing of images or texts.
  struct RequestLog: RouterMiddleware {
    typealias Context = ServerContext
    let measures: Measures
    let logger: Logger

    func handle(
      _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
      measures.requestBegins()
      let response: Response
      do {
        response = try await next(request, context)
      } catch {
        response = Self.response(to: error, request)
      }
      let status = response.status.code
      let client = context.channel.remoteAddress?.ipAddress
      let (method, path) = (request.method.rawValue, request.uri.path)
      let (start, id) = (context.notes.start, context.id)
      let api = context.notes["api"] ?? "other"
      context.notes.finish { [measures, logger] notes in
        let duration = ContinuousClock.now - start
        measures.requestEnds(api: api, status: status, duration: duration)
        var metadata: Logger.Metadata = [
          "method": "\(method)", "path": "\(Excerpt(path, limit: 200))", "status": "\(status)",
          "duration_ms": "\(Int(duration / .milliseconds(1)))", "request_id": "\(id)",
        ]
        if let client { metadata["client"] = "\(client)" }
        for (key, value) in notes { metadata[key] = "\(value)" }
        let isQuiet = path.hasPrefix("/health") || path == "/metrics"
        logger.log(level: isQuiet ? .debug : .info, "request", metadata: metadata)
      }
      return response
    }

    /// Errors of no API: paths and methods that aren't served.
    private static func response(to error: any Error, _ request: Request) -> Response {
      let status = (error as? any HTTPResponseError)?.status ?? .internalServerError
      let message =
        status == .notFound
        ? "there is nothing at \(request.method.rawValue) \(Excerpt(request.uri.path, limit: 100))"
        : status.reasonPhrase
      return Response(json: ["error": .string(message)], status: status)
    }
  }

  /// Lets the scripts of some web pages ask.
  struct CrossOrigin: RouterMiddleware {
    typealias Context = ServerContext
    let origins: [String]

    func handle(
      _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
      guard let origin = request.headers[.origin], let allowed = allowed(origin) else {
        return try await next(request, context)
      }
      let isPreflight =
        request.method == .options && request.headers[.accessControlRequestMethod] != nil
      var response = isPreflight ? Response(status: .noContent) : try await next(request, context)
      response.headers[.accessControlAllowOrigin] = allowed
      if allowed != "*" { response.headers[.vary] = "Origin" }
      if isPreflight {
        response.headers[.accessControlAllowMethods] = "GET, POST"
        response.headers[.accessControlAllowHeaders] = "Authorization, Content-Type, X-Api-Key"
        response.headers[.accessControlMaxAge] = "600"
      }
      return response
    }

    private func allowed(_ origin: String) -> String? {
      if origins.contains("*") { return "*" }
      return origins.contains(origin) ? origin : nil
    }
  }
#endif
