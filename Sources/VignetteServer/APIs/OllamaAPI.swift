#if Network
  import Foundation
  import HTTPTypes
  import Vignette
  import VignetteFiles

  /// Ollama's two ways to ask: images with a prompt (`generate`), or in a message (`chat`). Both answer in a stream of
  /// lines unless told otherwise.
  struct OllamaAPI: CaptionAPI {
    enum Form: String { case generate, chat }

    let form: Form
    var name: String { "ollama-\(form.rawValue)" }

    private static let fields: FieldTable = [
      "model": .read, "stream": .read, "options": .read, "keep_alive": .read, "logprobs": .read,
      "top_logprobs": .read, "format": .refused(unless: [""]), "think": .ignored, "truncate": .ignored,
      "shift": .ignored,
    ]
    private static let generateFields = fields.merging([
      "prompt": .read, "images": .read, "suffix": .refused(unless: [""]), "system": .ignored,
      "template": .ignored, "context": .ignored, "raw": .ignored,
    ]) { known, _ in known }
    private static let chatFields = fields.merging([
      "messages": .read, "tools": .refused(unless: [[]]),
    ]) { known, _ in known }

    func request(_ post: Post) throws -> CaptionRequest {
      let json = try post.json()
      try json.check(form == .chat ? Self.chatFields : Self.generateFields)
      var request = CaptionRequest(model: try json["model"].optional())
      let images: JSONField?
      switch form {
      case .generate:
        images = json["images"]
        request.clientPrompt = try json["prompt"].optional()
      case .chat:
        let message =
          try json["messages"].value(default: .array([]) as JSONValue) == []
          ? nil : json["messages"].elements().last { $0["images"].isPresent }
        images = message?["images"]
        request.clientPrompt = try message?["content"].optional()
      }
      if let images, images.isPresent {
        request.images = try images.elements().map { try ImageInput(text: $0.value(), field: $0.key) }
      }
      guard request.images.count <= 1 else {
        throw RequestError.invalid(
          "\(request.images.count) images; send one, as each has a caption of its own", field: "images")
      }
      request.generation = try generation(json["options"], &request)
      request.wantsLogProbabilities = try json["logprobs"].value(default: false)
      if request.wantsLogProbabilities {
        request.generation.topLogProbabilities = try json["top_logprobs"].optional()
      }
      request.streams = try json["stream"].value(default: true)
      if request.images.isEmpty, request.clientPrompt ?? "" == "",
        !(form == .chat && json["messages"].hasElements)
      {
        let isZero = try json["keep_alive"].optional(as: JSONValue.self).map { [0, "0", "0s"].contains($0) }
        request.load = isZero == true ? .unload : .load
      }
      return request
    }

    /// Ollama's names for options. It ignores those that it doesn't know, as most are about language models' memory.
    private func generation(
      _ options: JSONField, _ request: inout CaptionRequest
    ) throws -> GenerationOptions {
      guard options.isPresent else { return GenerationOptions() }
      _ = try options.members()
      var generation = try GenerationFields.options(options)
      if let count: Int = try options["num_predict"].optional(), count > 0 { generation.maxNewTokens = count }
      generation.repetitionPenalty = try options["repeat_penalty"].optional() ?? generation.repetitionPenalty
      generation.set(temperature: try options["temperature"].optional())
      request.stops = try options["stop"].stopTexts()
      return generation
    }

    func answer(_ results: [ImageResult], _ job: CaptionJob, _ post: Post) throws -> Answer {
      guard let caption = try captions(results).first else { throw RequestError.internalFault }
      var json = OllamaObject(job, form).end(caption, text: caption.text)
      if job.request.wantsLogProbabilities {
        json["logprobs"] = .array(OpenAI.logProbabilities(caption, job))
      }
      return Answer(json: .object(json))
    }

    func answer(to load: ModelLoad, model: ServedModel) -> JSONValue {
      var json = OllamaObject.head(model.name)
      json[form == .chat ? "message" : "response"] =
        form == .chat ? ["role": "assistant", "content": ""] : ""
      json["done"] = true
      json["done_reason"] = load == .load ? "load" : "unload"
      return .object(json)
    }

    func stream(_ job: CaptionJob) -> any AnswerStream { OllamaStream(job, form) }

    func body(of error: RequestError) -> JSONValue { ["error": .string(error.message)] }
  }

  extension JSONField {
    fileprivate var hasElements: Bool { (try? elements().isEmpty) == false }
  }

  private struct OllamaObject {
    let job: CaptionJob
    let form: OllamaAPI.Form
    private let start = ContinuousClock.now

    init(_ job: CaptionJob, _ form: OllamaAPI.Form) {
      self.job = job
      self.form = form
    }

    static func head(_ model: String) -> JSONObject {
      ["model": .string(model), "created_at": .string(Date().formatted(.iso8601WithFraction))]
    }

    func part(_ text: String, isDone: Bool) -> JSONObject {
      var json = Self.head(job.modelName)
      switch form {
      case .generate: json["response"] = .string(text)
      case .chat: json["message"] = ["role": "assistant", "content": .string(text)]
      }
      json["done"] = .bool(isDone)
      return json
    }

    /// - Parameter text: what wasn't sent before.
    func end(_ caption: ServedCaption, text: String) -> JSONObject {
      var json = part(text, isDone: true)
      let (given, generated) = OpenAI.usage([caption])
      let total = Date().timeIntervalSince(job.created)
      let nanoseconds = JSONValue.int(Int(total * 1e9))
      json["done_reason"] = caption.isCutOff ? "length" : "stop"
      if form == .generate { json["context"] = [] }
      json["total_duration"] = nanoseconds
      json["load_duration"] = .int(Int(job.lease.loadTime / .nanoseconds(1)))
      json["prompt_eval_count"] = .int(given)
      json["prompt_eval_duration"] = 0
      json["eval_count"] = .int(generated)
      json["eval_duration"] = nanoseconds
      return json
    }
  }

  /// Lines of JSON.
  private struct OllamaStream: AnswerStream {
    let contentType = "application/x-ndjson"
    private let object: OllamaObject
    private var text: SentText

    init(_ job: CaptionJob, _ form: OllamaAPI.Form) {
      object = OllamaObject(job, form)
      text = SentText(stops: job.request.stops)
    }

    mutating func begin() -> String { "" }

    mutating func token(_ token: CaptionToken, image: Int) -> String {
      let job = object.job
      let added = text.add(token.text)
      let logProbabilities = job.request.wantsLogProbabilities && !job.isEnd(token.tokenID)
      guard !added.isEmpty || logProbabilities else { return "" }
      var json = object.part(added, isDone: false)
      if logProbabilities { json["logprobs"] = [OpenAI.logProbability(token, job)] }
      return line(json)
    }

    mutating func end(_ result: ImageResult) -> String {
      switch result.captions {
      case .failure(let error): return failure(error)
      case .success(let captions):
        guard let caption = captions.first else { return "" }
        let rest = text.finish(caption.text)
        // Clients print what comes before the last line.
        let before = rest.isEmpty ? "" : line(object.part(rest, isDone: false))
        return before + line(object.end(caption, text: ""))
      }
    }

    mutating func end() -> String { "" }

    mutating func failure(_ error: RequestError) -> String { line(["error": .string(error.message)]) }

    private func line(_ json: JSONObject) -> String { JSONValue.object(json).text(.plainLine) + "\n" }
  }

  extension FormatStyle where Self == Date.ISO8601FormatStyle {
    /// RFC 3339 with fractions of a second.
    static var iso8601WithFraction: Date.ISO8601FormatStyle {
      Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    }
  }
#endif
