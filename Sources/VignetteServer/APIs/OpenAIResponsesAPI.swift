#if Network
  import Foundation
  import HTTPTypes
  import Vignette
  import VignetteFiles

  /// OpenAI's Responses: an image in the input, its caption as the output.
  struct OpenAIResponsesAPI: CaptionAPI {
    let name = "openai-responses"

    private static let fields: FieldTable = GenerationFields.table.merging([
      "model": .read, "input": .read, "max_output_tokens": .read, "temperature": .read, "top_p": .read,
      "top_logprobs": .read, "include": .read, "stream": .read, "instructions": .ignored, "user": .ignored,
      "metadata": .ignored, "store": .ignored, "service_tier": .ignored, "truncation": .ignored,
      "reasoning": .ignored, "parallel_tool_calls": .ignored, "safety_identifier": .ignored,
      "prompt_cache_key": .ignored, "prompt_cache_retention": .ignored, "max_tool_calls": .ignored,
      "stream_options": .ignored, "text": .read, "tools": .refused(unless: [[]]),
      "tool_choice": .refused(unless: ["none", "auto"]), "background": .refused(unless: [false]),
      "previous_response_id": .refused(unless: []), "conversation": .refused(unless: []),
      "prompt": .refused(unless: []),
    ]) { _, own in own }

    private static let logProbabilities = "message.output_text.logprobs"

    func request(_ post: Post) throws -> CaptionRequest {
      let json = try post.json()
      try json.check(Self.fields)
      try json["text"].optionalObject()?.check([
        "format": .refused(unless: [["type": "text"]]), "verbosity": .ignored,
      ])
      var request = CaptionRequest(model: try json["model"].optional())
      let input = json["input"]
      if (try? input.value(as: String.self)) == nil {
        let message = try OpenAI.latestImage(input, textType: "input_text", imageType: "input_image")
        request.images = message.images
        request.clientPrompt = message.texts.joined(separator: "\n")
      }
      request.generation = try GenerationFields.options(json)
      request.generation.maxNewTokens =
        try json["max_output_tokens"].optional() ?? request.generation.maxNewTokens
      request.generation.set(temperature: try json["temperature"].optional())
      let included = json["include"]
      if included.isPresent {
        request.wantsLogProbabilities = try included.elements().contains {
          try $0.value(as: String.self) == Self.logProbabilities
        }
      }
      if let count: Int = try json["top_logprobs"].optional() {
        request.generation.topLogProbabilities = count
        request.wantsLogProbabilities = true
      }
      request.streams = try json["stream"].value(default: false)
      return request
    }

    func answer(_ results: [ImageResult], _ job: CaptionJob, _ post: Post) throws -> Answer {
      guard let caption = try captions(results).first else { throw RequestError.internalFault }
      return Answer(json: ResponseObject(job).json(caption))
    }

    func stream(_ job: CaptionJob) -> any AnswerStream { ResponseStream(job) }

    func body(of error: RequestError) -> JSONValue { OpenAI.body(of: error) }
  }

  extension JSONField {
    /// The object here; nil where there is nothing.
    fileprivate func optionalObject() throws -> JSONField? {
      guard isPresent else { return nil }
      _ = try members()
      return self
    }
  }

  /// The object `response` in its stages.
  private struct ResponseObject {
    let job: CaptionJob
    let id = OpenAI.id("resp_")
    let messageID = OpenAI.id("msg_")

    init(_ job: CaptionJob) { self.job = job }

    func json(_ caption: ServedCaption) -> JSONValue {
      let (given, generated) = OpenAI.usage([caption])
      return json(
        status: caption.isCutOff ? "incomplete" : "completed",
        details: caption.isCutOff ? ["reason": "max_output_tokens"] : nil,
        output: [message(caption)],
        usage: [
          "input_tokens": .int(given), "input_tokens_details": ["cached_tokens": 0],
          "output_tokens": .int(generated), "output_tokens_details": ["reasoning_tokens": 0],
          "total_tokens": .int(given + generated),
        ])
    }

    var begun: JSONValue { json(status: "in_progress", details: nil, output: [], usage: nil) }

    private func json(
      status: String, details: JSONValue, output: [JSONValue], usage: JSONValue
    ) -> JSONValue {
      [
        "id": .string(id), "object": "response",
        "created_at": .int(Int(job.created.timeIntervalSince1970)), "status": .string(status),
        "background": false, "error": nil, "incomplete_details": details, "instructions": nil,
        "max_output_tokens": job.generation.maxNewTokens.map { .int($0) } ?? nil,
        "model": .string(job.modelName), "output": .array(output), "parallel_tool_calls": true,
        "previous_response_id": nil, "reasoning": ["effort": nil, "summary": nil], "store": false,
        "temperature": job.generation.temperature.map { .double($0) } ?? nil,
        "text": ["format": ["type": "text"]], "tool_choice": "auto", "tools": [],
        "top_p": job.generation.topP.map { .double($0) } ?? nil, "truncation": "disabled", "usage": usage,
        "user": nil, "metadata": [:],
      ]
    }

    func message(_ caption: ServedCaption) -> JSONValue {
      message(status: caption.isCutOff ? "incomplete" : "completed", content: [part(caption)])
    }

    func message(status: String, content: [JSONValue]) -> JSONValue {
      [
        "id": .string(messageID), "type": "message", "status": .string(status), "role": "assistant",
        "content": .array(content),
      ]
    }

    func part(_ caption: ServedCaption) -> JSONValue {
      part(caption.text, job.request.wantsLogProbabilities ? OpenAI.logProbabilities(caption, job) : [])
    }

    func part(_ text: String, _ logProbabilities: [JSONValue] = []) -> JSONValue {
      [
        "type": "output_text", "text": .string(text), "annotations": [], "logprobs": .array(logProbabilities),
      ]
    }
  }

  /// The events of a response.
  private struct ResponseStream: AnswerStream {
    let contentType = ServerSentEvent.contentType
    private let response: ResponseObject
    private var text: SentText
    private var number = 0

    init(_ job: CaptionJob) {
      response = ResponseObject(job)
      text = SentText(stops: job.request.stops)
    }

    mutating func begin() -> String {
      event("response.created", ["response": response.begun])
        + event("response.in_progress", ["response": response.begun])
        + event(
          "response.output_item.added",
          ["output_index": 0, "item": response.message(status: "in_progress", content: [])])
        + event("response.content_part.added", inPart(["part": response.part("")]))
    }

    mutating func token(_ token: CaptionToken, image: Int) -> String {
      let job = response.job
      let added = text.add(token.text)
      guard !added.isEmpty else { return "" }
      return delta(
        added, job.request.wantsLogProbabilities ? [OpenAI.logProbability(token, job)] : [])
    }

    mutating func end(_ result: ImageResult) -> String {
      switch result.captions {
      case .failure(let error): return failure(error)
      case .success(let captions):
        guard let caption = captions.first else { return "" }
        let rest = text.finish(caption.text)
        let part = response.part(caption)
        return (rest.isEmpty ? "" : delta(rest, []))
          + event(
            "response.output_text.done",
            inPart(["text": .string(caption.text), "logprobs": part["logprobs"] ?? []]))
          + event("response.content_part.done", inPart(["part": part]))
          + event(
            "response.output_item.done", ["output_index": 0, "item": response.message(caption)])
          + event(
            caption.isCutOff ? "response.incomplete" : "response.completed",
            ["response": response.json(caption)])
      }
    }

    mutating func end() -> String { "" }

    mutating func failure(_ error: RequestError) -> String {
      event(
        "error",
        [
          "code": .string(error.code), "message": .string(error.message),
          "param": error.field.map { .string($0) } ?? nil,
        ])
    }

    private mutating func delta(_ text: String, _ logProbabilities: [JSONValue]) -> String {
      event(
        "response.output_text.delta",
        inPart(["delta": .string(text), "logprobs": .array(logProbabilities)]))
    }

    private func inPart(_ members: JSONObject) -> JSONObject {
      var json: JSONObject = [
        "item_id": .string(response.messageID), "output_index": 0, "content_index": 0,
      ]
      for (key, value) in members { json[key] = value }
      return json
    }

    private mutating func event(_ type: String, _ members: JSONObject) -> String {
      var json: JSONObject = ["type": .string(type), "sequence_number": .int(number)]
      for (key, value) in members { json[key] = value }
      number += 1
      return ServerSentEvent.text(.object(json), event: type)
    }
  }
#endif
