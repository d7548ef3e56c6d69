#if Network
  import Foundation
  import HTTPTypes
  import Vignette
  import VignetteFiles
  import VignetteModels

  /// What OpenAI's two APIs have in common.
  enum OpenAI {
    static func body(of error: RequestError) -> JSONValue {
      [
        "error": [
          "message": .string(error.message), "type": .string(type(of: error)),
          "param": error.field.map { .string($0) } ?? nil, "code": .string(error.code),
        ]
      ]
    }

    private static func type(of error: RequestError) -> String {
      switch error.status.code {
      case 401: "authentication_error"
      case 429: "rate_limit_error"
      case 500...: "server_error"
      default: "invalid_request_error"
      }
    }

    static func id(_ prefix: String) -> String {
      prefix + UUID().uuidString.replacing("-", with: "").lowercased()
    }

    /// The log-probabilities of a caption's tokens but for the one that ends it.
    static func logProbabilities(_ caption: ServedCaption, _ job: CaptionJob) -> [JSONValue] {
      caption.tokens.filter { !job.isEnd($0.tokenID) }.map { logProbability($0, job) }
    }

    static func logProbability(_ token: CaptionToken, _ job: CaptionJob) -> JSONValue {
      var json = entry(token.tokenID, token.logProbability, job)
      json["top_logprobs"] = .array(
        token.alternatives.map { .object(entry($0.tokenID, $0.logProbability, job)) })
      return .object(json)
    }

    private static func entry(_ tokenID: Int, _ logProbability: Float, _ job: CaptionJob) -> JSONObject {
      let bytes = job.lease.captioner.tokenizer.textBytes(of: tokenID) ?? []
      return [
        "token": .string(String(decoding: bytes, as: UTF8.self)),
        "logprob": .double(Double(logProbability)), "bytes": .array(bytes.map { .int(Int($0)) }),
      ]
    }

    /// Tokens that were given, and tokens that were generated.
    static func usage(_ captions: [ServedCaption]) -> (given: Int, generated: Int) {
      let generated = captions.reduce(0) { $0 + $1.tokens.count }
      let given = captions.first.map { $0.caption.tokenIDs.count - $0.tokens.count } ?? 0
      return (max(given, 0), generated)
    }

    /// The message whose image is captioned: the latest that has one.
    struct Message {
      var images: [ImageInput] = []
      var texts: [String] = []
    }

    /// - Parameters:
    ///   - textType: what parts of text call themselves.
    ///   - imageType: and those with an image.
    static func latestImage(
      _ messages: JSONField, textType: String, imageType: String
    ) throws -> Message {
      var latest = Message()
      for message in try messages.elements() {
        let content = message["content"]
        guard let value = try content.optional(as: JSONValue.self), value.asString == nil else {
          if let text = try? content.value(as: String.self) { latest.texts = [text] }
          continue
        }
        let parts = try content.elements().map { try part($0, textType: textType, imageType: imageType) }
        let images = parts.compactMap(\.image)
        let texts = parts.compactMap(\.text)
        if !images.isEmpty { latest = Message(images: images, texts: texts) }
      }
      guard latest.images.count <= 1 else {
        throw RequestError.invalid(
          "a message has \(latest.images.count) images; send one, as each has a caption of its own",
          field: messages.key)
      }
      return latest
    }

    private static func part(
      _ part: JSONField, textType: String, imageType: String
    ) throws -> (image: ImageInput?, text: String?) {
      let type: String = try part["type"].value()
      switch type {
      case textType, "text", "output_text": return (nil, try part["text"].value())
      case imageType, "image_url", "input_image":
        let url = part["image_url"]
        guard url.isPresent else { throw RequestError.unsupported("\(part.key) without image_url") }
        let text = try (try? url.value(as: String.self)) ?? url["url"].value()
        return (try ImageInput(text: text, field: url.key), nil)
      default: throw RequestError.unsupported("\(part.key).type: \(Excerpt(type, limit: 40))")
      }
    }
  }

  extension CaptionJob {
    /// Whether a token ends captions.
    func isEnd(_ tokenID: Int) -> Bool {
      let ids = generation.eosTokenIDs ?? lease.captioner.defaults.eosTokenIDs
      return ids.map { $0.contains(tokenID) } ?? (tokenID == lease.captioner.tokenizer.eosTokenID)
    }
  }
#endif
