#if Network
  import Foundation
  import HTTPTypes
  import Vignette
  import VignetteFiles

  /// The server's own endpoint: several images, N-best with scores, tokens, attention; what its page uses.
  struct OwnAPI: CaptionAPI {
    let name = "own"

    func request(_ post: Post) throws -> CaptionRequest {
      var request = CaptionRequest()
      request.streams = post.headers[.accept]?.contains("text/event-stream") ?? false
      for (name, value) in post.query { try set(name, value, in: &request) }
      switch post.mediaType() {
      case "multipart/form-data":
        let parts = try Multipart(post.body, contentType: post.headers[.contentType] ?? "").parts
        for part in parts {
          if part.filename != nil || Self.imageParts.contains(part.name) {
            request.images.append(ImageInput(part.content, name: part.filename))
          } else {
            try set(part.name, String(decoding: part.content, as: UTF8.self), in: &request)
          }
        }
      case "application/json": try read(post.json(), into: &request)
      default:
        if !post.body.isEmpty { request.images = [ImageInput(Data(post.body))] }
      }
      return request
    }

    private static let imageParts: Set = ["image", "images", "image[]", "images[]", "file", "files"]

    /// Sets what a text part or the query says.
    private func set(_ name: String, _ text: String, in request: inout CaptionRequest) throws {
      switch name {
      case "model": request.model = text
      case "stream": request.streams = try flag(name, text)
      case "attention":
        guard let wish = AttentionWish(rawValue: text) else { throw Self.wrong(name, text) }
        request.attention = wish
      case "top_log_probabilities":
        guard let count = Int(text) else { throw Self.wrong(name, text) }
        request.generation.topLogProbabilities = count
      default:
        guard try GenerationFields.set(name, text, in: &request.generation) else {
          throw RequestError.unsupported(name)
        }
      }
    }

    private func flag(_ name: String, _ text: String) throws -> Bool {
      switch text {
      case "true", "1", "": true
      case "false", "0": false
      default: throw Self.wrong(name, text)
      }
    }

    private static func wrong(_ name: String, _ text: String) -> RequestError {
      .invalid("\"\(name)\" can't be \"\(Excerpt(text, limit: 60))\"", field: name)
    }

    private static let fields: FieldTable = GenerationFields.table.merging([
      "images": .read, "model": .read, "stream": .read, "attention": .read, "top_log_probabilities": .read,
    ]) { known, _ in known }

    private func read(_ json: JSONField, into request: inout CaptionRequest) throws {
      try json.check(Self.fields)
      request.images = try json["images"].elements().map {
        try ImageInput(text: $0.value(), field: $0.key)
      }
      request.model = try json["model"].optional() ?? request.model
      request.streams = try json["stream"].optional() ?? request.streams
      let count = request.generation.topLogProbabilities
      request.generation = try GenerationFields.options(json).filled(from: request.generation)
      request.generation.topLogProbabilities = try json["top_log_probabilities"].optional() ?? count
      switch try json["attention"].optional(as: JSONValue.self) {
      case nil: break
      case .bool(let isWanted): request.attention = isWanted ? .words : .none
      case .string("layers"): request.attention = .layers
      default: throw json["attention"].mismatch(expected: "true, false or \"layers\"")
      }
    }

    func answer(_ results: [ImageResult], _ job: CaptionJob, _ post: Post) -> Answer {
      let json: JSONObject = [
        "model": .string(job.modelName), "results": .array(results.map { Self.json($0, job) }),
      ]
      let errors = results.compactMap { result in
        if case .failure(let error) = result.captions { error } else { nil as RequestError? }
      }
      guard errors.count == results.count, let error = errors.first else {
        return Answer(json: .object(json))
      }
      return Answer(
        status: error.status, json: ["error": Self.json(error), "results": json["results"] ?? []])
    }

    fileprivate static func json(_ result: ImageResult, _ job: CaptionJob) -> JSONValue {
      var json: JSONObject = ["index": .int(result.index)]
      json["name"] = result.name.map { .string($0) }
      json["width"] = result.width.map { .int($0) }
      json["height"] = result.height.map { .int($0) }
      switch result.captions {
      case .success(let captions): json["captions"] = .array(captions.map { Self.json($0, job) })
      case .failure(let error): json["error"] = Self.json(error)
      }
      return .object(json)
    }

    private static func json(_ caption: ServedCaption, _ job: CaptionJob) -> JSONValue {
      var json: JSONObject = ["text": .string(caption.text)]
      json["score"] = caption.caption.score.map { .double(Double($0)) }
      json["log_probability"] = .double(caption.logProbability)
      json["is_cut_off"] = .bool(caption.isCutOff)
      json["tokens"] = .array(caption.tokens.map { Self.json($0, job, isWhole: true) })
      json["attention"] = caption.caption.attention?.json(layers: job.request.attention == .layers)
      return .object(json)
    }

    fileprivate static func json(_ token: CaptionToken, _ job: CaptionJob, isWhole: Bool) -> JSONValue {
      var json: JSONObject = ["id": .int(token.tokenID), "text": .string(token.text)]
      json["log_probability"] = .double(Double(token.logProbability))
      guard isWhole, !token.alternatives.isEmpty else { return .object(json) }
      json["alternatives"] = .array(
        token.alternatives.map { other in
          let bytes = job.lease.captioner.tokenizer.textBytes(of: other.tokenID) ?? []
          return [
            "id": .int(other.tokenID), "text": .string(String(decoding: bytes, as: UTF8.self)),
            "log_probability": .double(Double(other.logProbability)),
          ]
        })
      return .object(json)
    }

    fileprivate static func json(_ error: RequestError) -> JSONValue {
      var json: JSONObject = ["code": .string(error.code), "message": .string(error.message)]
      json["field"] = error.field.map { .string($0) }
      return .object(json)
    }

    func stream(_ job: CaptionJob) -> any AnswerStream { OwnStream(job: job) }

    func body(of error: RequestError) -> JSONValue { ["error": Self.json(error)] }
  }

  /// Events `start`, `token`, `caption` or `error` for each image, and `done`.
  private struct OwnStream: AnswerStream {
    let contentType = ServerSentEvent.contentType
    let job: CaptionJob

    mutating func begin() -> String { "" }

    mutating func begin(image: Int, name: String?) -> String {
      var json: JSONObject = ["index": .int(image), "model": .string(job.modelName)]
      json["name"] = name.map { .string($0) }
      return ServerSentEvent.text(.object(json), event: "start")
    }

    mutating func token(_ token: CaptionToken, image: Int) -> String {
      ServerSentEvent.text(
        ["index": .int(image), "token": OwnAPI.json(token, job, isWhole: false)], event: "token")
    }

    mutating func end(_ result: ImageResult) -> String {
      let isError = if case .failure = result.captions { true } else { false }
      return ServerSentEvent.text(OwnAPI.json(result, job), event: isError ? "error" : "caption")
    }

    mutating func end() -> String { ServerSentEvent.text([:], event: "done") }

    mutating func failure(_ error: RequestError) -> String {
      ServerSentEvent.text(["error": OwnAPI.json(error)], event: "error") + end()
    }
  }
#endif
