#if Network
  import Foundation
  import HTTPTypes
  import Hummingbird
  import Logging
  import NIOCore
  import Vignette
  import VignetteFiles

  /// Answers the requests of one API.
  struct CaptionRoute: Sendable {
    let api: any CaptionAPI
    let service: CaptionService
    let reader: BodyReader
    let key: KeyCheck
    let lifecycle: Lifecycle

    func respond(_ request: Request, _ context: ServerContext, pathModel: String? = nil) async -> Response {
      context.note("api", api.name)
      do {
        try key.check(request.headers)
        guard !lifecycle.isStopped else { throw RequestError.stopping }
        switch try await prepare(request, context, pathModel) {
        case .done(let response): return response
        case .job(let job, let post): return try await answer(job, post, context)
        }
      } catch {
        return failure(error, context)
      }
    }

    private enum Prepared {
      case done(Response)
      /// A job and the request that it comes of, both without the bytes of the request.
      case job(CaptionJob, Post)
    }

    /// Receives and understands a request and reads its images. What waits for the model afterwards is small.
    private func prepare(
      _ request: Request, _ context: ServerContext, _ pathModel: String?
    ) async throws -> Prepared {
      let (body, held) = try await reader.read(request)
      defer { withExtendedLifetime(held) {} }
      var post = Post(
        headers: request.headers, pathModel: pathModel, query: Query.items(request.uri.query ?? ""),
        body: body)
      let request = try api.request(post)
      post.body = []
      context.note("images", "\(request.images.count)")
      if let load = request.load { return .done(try await answer(to: load, of: request.model)) }
      let limit = service.options.limits.requestTimeout
      let job = try await withDeadline(limit, else: .timeout(limit)) { try await service.prepare(request) }
      context.note("model", job.modelName)
      return .job(job, post)
    }

    private func answer(
      _ job: CaptionJob, _ post: Post, _ context: ServerContext
    ) async throws -> Response {
      let limit = service.options.limits.requestTimeout
      let deadline = post.arrival + limit
      let connection = await context.connection()
      if job.request.streams {
        // With one image, what is wrong with it is a response of its own.
        if job.images.count == 1 { _ = try job.images[0].get() }
        return stream(job, connection, deadline, limit, context)
      }
      var results: [ImageResult] = []
      for try await event in job.events(connection, deadline: deadline, limit: limit) {
        if case .end(let result) = event { results.append(result) }
      }
      // Cancelled streams just end.
      guard results.count == job.images.count else { throw CancellationError() }
      results.sort { $0.index < $1.index }
      let answer = try api.answer(results, job, post)
      return Response(json: answer.json, status: answer.status)
    }

    private func answer(to load: ModelLoad, of name: String?) async throws -> Response {
      let model = try service.store.model(named: name)
      switch load {
      case .load: _ = try await service.store.lease(model)
      case .unload: await service.store.unload(model)
      }
      return Response(json: api.answer(to: load, model: model))
    }

    private func stream(
      _ job: CaptionJob, _ connection: ConnectionState?, _ deadline: ContinuousClock.Instant,
      _ limit: Duration, _ context: ServerContext
    ) -> Response {
      let stream = api.stream(job)
      let headers: HTTPFields = [.contentType: stream.contentType, .cacheControl: "no-cache"]
      let finish = context.holdBack()
      let body = ResponseBody { [api] writer in
        defer { finish() }
        var stream = stream
        // A client that doesn't read isn't waited for.
        let closing = Task {
          try await Task.sleep(until: deadline + .seconds(5), clock: .continuous)
          context.channel.close(mode: .all, promise: nil)
        }
        defer { closing.cancel() }
        try await writer.write(stream.begin())
        do {
          for try await event in job.events(connection, deadline: deadline, limit: limit) {
            switch event {
            case .begin(let image, let name): try await writer.write(stream.begin(image: image, name: name))
            case .token(let token, let image): try await writer.write(stream.token(token, image: image))
            case .end(let result): try await writer.write(stream.end(result))
            }
          }
          try await writer.write(stream.end())
        } catch let error as RequestError {
          context.note("error", "\(api.name): \(error.code)")
          try await writer.write(stream.failure(error))
        } catch {
          if !(error is CancellationError), !(error is ChannelError) {
            context.logger.error("a stream failed", metadata: ["reason": "\(error)"])
          }
          try await writer.write(stream.failure(.internalFault))
        }
        try await writer.finish(nil)
      }
      return Response(status: .ok, headers: headers, body: body)
    }

    private func failure(_ error: any Error, _ context: ServerContext) -> Response {
      if error is CancellationError {
        // Nobody is there to read it.
        return Response(status: .init(code: 499, reasonPhrase: "Client Closed Request"))
      }
      let explained = RequestError(explaining: error)
      if explained == nil { context.logger.error("a request failed", metadata: ["reason": "\(error)"]) }
      let known = explained ?? .internalFault
      context.note("error", known.code)
      return Response(json: api.body(of: known), error: known)
    }
  }

  extension ResponseBodyWriter {
    mutating func write(_ text: String) async throws {
      guard !text.isEmpty else { return }
      try await write(ByteBuffer(string: text))
    }
  }

  extension Response {
    init(json: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
      var headers = headers
      headers[.contentType] = "application/json; charset=utf-8"
      self.init(
        status: status, headers: headers,
        body: ResponseBody(byteBuffer: ByteBuffer(string: json.text(.plainLine) + "\n")))
    }

    /// What an error comes to, `json` being its API's body.
    init(json: JSONValue, error: RequestError) {
      var headers: HTTPFields = [:]
      if let seconds = error.retryAfter { headers[.retryAfter] = String(seconds) }
      if error.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
      if let name = HTTPField.Name("X-Error-Message") {
        headers[name] = String(
          String.UnicodeScalarView(
            error.message.unicodeScalars.map { $0.isASCII && $0.value >= 0x20 ? $0 : "?" }))
      }
      self.init(json: json, status: error.status, headers: headers)
    }
  }

  /// A query's names and values.
  enum Query {
    static func items(_ query: String) -> [(name: String, value: String)] {
      query.split(separator: "&").map { item in
        let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
          let spaced = $0.replacing("+", with: " ")
          return spaced.removingPercentEncoding ?? String(spaced)
        }
        return (parts[0], parts.count == 2 ? parts[1] : "")
      }
    }
  }
#endif
