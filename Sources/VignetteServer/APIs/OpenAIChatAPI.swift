#if Network
  import Foundation
  import HTTPTypes
  import Vignette
  import VignetteFiles
  import VignetteModels

  /// OpenAI's chat completions: an image in a message in, its caption as the answer.
  struct OpenAIChatAPI: CaptionAPI {
    let name = "openai-chat"
    let version: String

    private static let fields: FieldTable = GenerationFields.table.merging([
      "model": .read, "messages": .read, "max_tokens": .read, "max_completion_tokens": .read, "n": .read,
      "temperature": .read, "top_p": .read, "seed": .read, "stop": .read, "logprobs": .read,
      "top_logprobs": .read, "stream": .read, "stream_options": .read, "logit_bias": .read,
      "user": .ignored, "metadata": .ignored, "store": .ignored, "service_tier": .ignored,
      "parallel_tool_calls": .ignored, "reasoning_effort": .ignored, "verbosity": .ignored,
      "safety_identifier": .ignored, "prompt_cache_key": .ignored, "prompt_cache_retention": .ignored,
      "frequency_penalty": .refused(unless: [0, 0.0]), "presence_penalty": .refused(unless: [0, 0.0]),
      "tools": .refused(unless: [[]]), "functions": .refused(unless: [[]]),
      "tool_choice": .refused(unless: ["none", "auto"]), "function_call": .refused(unless: ["none", "auto"]),
      "response_format": .refused(unless: [["type": "text"]]), "modalities": .refused(unless: [["text"]]),
      "audio": .refused(unless: []), "prediction": .refused(unless: []),
      "web_search_options": .refused(unless: []),
    ]) { _, own in own }

    func request(_ post: Post) throws -> CaptionRequest {
      let json = try post.json()
      try json.check(Self.fields)
      let message = try OpenAI.latestImage(json["messages"], textType: "text", imageType: "image_url")
      var request = CaptionRequest(model: try json["model"].optional(), images: message.images)
      request.clientPrompt = message.texts.joined(separator: "\n")
      request.generation = try GenerationFields.options(json)
      request.generation.maxNewTokens =
        try json["max_completion_tokens", "max_tokens"].optional() ?? request.generation.maxNewTokens
      request.generation.set(temperature: try json["temperature"].optional())
      request.generation.sequenceBias = try bias(json["logit_bias"]) ?? request.generation.sequenceBias
      request.captionCount = try json["n"].optional()
      request.stops = try json["stop"].stopTexts()
      request.wantsLogProbabilities = try json["logprobs"].value(default: false)
      if let count: Int = try json["top_logprobs"].optional() {
        guard request.wantsLogProbabilities else {
          throw RequestError.invalid("\"top_logprobs\" needs \"logprobs\": true", field: "top_logprobs")
        }
        request.generation.topLogProbabilities = count
      }
      request.streams = try json["stream"].value(default: false)
      request.streamsUsage = try json["stream_options"]["include_usage"].value(default: false)
      return request
    }

    /// Token ids, as texts, and what is added to their logits.
    private func bias(_ field: JSONField) throws -> [GenerationOptions.BiasedSequence]? {
      guard field.isPresent else { return nil }
      let biases = try field.members().map { name, field in
        guard let tokenID = Int(name) else { throw field.error("is no token id") }
        return GenerationOptions.BiasedSequence(tokenIDs: [tokenID], bias: try field.value(as: Double.self))
      }
      return biases.isEmpty ? nil : biases
    }

    func answer(_ results: [ImageResult], _ job: CaptionJob, _ post: Post) throws -> Answer {
      let captions = try captions(results)
      let choices: [JSONValue] = captions.enumerated().map { index, caption in
        [
          "index": .int(index),
          "message": ["role": "assistant", "content": .string(caption.text), "refusal": nil],
          "logprobs": job.request.wantsLogProbabilities
            ? ["content": .array(OpenAI.logProbabilities(caption, job)), "refusal": nil] : nil,
          "finish_reason": .string(Self.finishReason(caption)),
        ]
      }
      return Answer(
        json: [
          "id": .string(OpenAI.id("chatcmpl-")), "object": "chat.completion",
          "created": .int(Int(job.created.timeIntervalSince1970)), "model": .string(job.modelName),
          "system_fingerprint": .string("vignette-\(version)"), "choices": .array(choices),
          "usage": Self.usage(captions),
        ])
    }

    fileprivate static func finishReason(_ caption: ServedCaption) -> String {
      caption.isCutOff ? "length" : "stop"
    }

    fileprivate static func usage(_ captions: [ServedCaption]) -> JSONValue {
      let (given, generated) = OpenAI.usage(captions)
      return [
        "prompt_tokens": .int(given), "completion_tokens": .int(generated),
        "total_tokens": .int(given + generated),
      ]
    }

    func stream(_ job: CaptionJob) -> any AnswerStream { ChatStream(job, version: version) }

    func body(of error: RequestError) -> JSONValue { OpenAI.body(of: error) }
  }

  /// Chunks of a chat completion.
  private struct ChatStream: AnswerStream {
    let contentType = ServerSentEvent.contentType
    private let job: CaptionJob
    private let id = OpenAI.id("chatcmpl-")
    private let version: String
    private var text: SentText
    private var usage: JSONValue = nil

    init(_ job: CaptionJob, version: String) {
      self.job = job
      self.version = version
      text = SentText(stops: job.request.stops)
    }

    mutating func begin() -> String { "" }

    mutating func begin(image: Int, name: String?) -> String {
      chunk(0, delta: ["role": "assistant", "content": "", "refusal": nil])
    }

    mutating func token(_ token: CaptionToken, image: Int) -> String {
      let added = text.add(token.text)
      let logProbabilities = job.request.wantsLogProbabilities && !job.isEnd(token.tokenID)
      guard !added.isEmpty || logProbabilities else { return "" }
      return chunk(
        0, delta: ["content": .string(added)],
        logProbabilities: logProbabilities ? [OpenAI.logProbability(token, job)] : nil)
    }

    mutating func end(_ result: ImageResult) -> String {
      guard case .success(let captions) = result.captions else {
        if case .failure(let error) = result.captions { return failure(error) }
        return ""
      }
      usage = OpenAIChatAPI.usage(captions)
      return captions.enumerated().map { index, caption in
        let hadTokens = index == 0 && !text.sent.isEmpty
        let rest = index == 0 ? text.finish(caption.text) : caption.text
        let logProbabilities =
          job.request.wantsLogProbabilities && !hadTokens ? OpenAI.logProbabilities(caption, job) : nil
        let delta: JSONValue =
          index == 0 ? ["content": .string(rest)] : ["role": "assistant", "content": .string(rest)]
        return (rest.isEmpty ? "" : chunk(index, delta: delta, logProbabilities: logProbabilities))
          + chunk(index, delta: [:], finishReason: OpenAIChatAPI.finishReason(caption))
      }.joined()
    }

    mutating func end() -> String {
      let last = job.request.streamsUsage ? ServerSentEvent.text(object([], usage: usage)) : ""
      return last + "data: [DONE]\n\n"
    }

    mutating func failure(_ error: RequestError) -> String { ServerSentEvent.text(OpenAI.body(of: error)) }

    private func chunk(
      _ index: Int, delta: JSONValue, logProbabilities: [JSONValue]? = nil, finishReason: String? = nil
    ) -> String {
      ServerSentEvent.text(
        object(
          [
            [
              "index": .int(index), "delta": delta,
              "logprobs": logProbabilities.map { ["content": .array($0), "refusal": nil] } ?? nil,
              "finish_reason": finishReason.map { .string($0) } ?? nil,
            ]
          ], usage: nil))
    }

    private func object(_ choices: [JSONValue], usage: JSONValue) -> JSONValue {
      var json: JSONObject = [
        "id": .string(id), "object": "chat.completion.chunk",
        "created": .int(Int(job.created.timeIntervalSince1970)), "model": .string(job.modelName),
        "system_fingerprint": .string("vignette-\(version)"), "choices": .array(choices),
      ]
      if job.request.streamsUsage { json["usage"] = usage }
      return .object(json)
    }
  }
#endif
