#if Network
  import Foundation
  import HTTPTypes
  import Vignette
  import VignetteFiles

  /// Hugging Face's inference API, its task `image-to-text`: an image's bytes, or JSON with base64, in; a text out.
  struct HuggingFaceAPI: CaptionAPI {
    let name = "huggingface"

    func request(_ post: Post) throws -> CaptionRequest {
      guard isJSON(post) else {
        guard !post.body.isEmpty else { throw RequestError.invalid("the request has no image") }
        return CaptionRequest(model: post.pathModel, images: [ImageInput(Data(post.body))])
      }
      let json = try post.json()
      try json.check(["inputs": .read, "parameters": .read, "options": .ignored])
      var request = CaptionRequest(model: post.pathModel)
      request.images = [try ImageInput(text: try json["inputs"].value(), field: "inputs")]
      let parameters = json["parameters"]
      if parameters.isPresent { request.generation = try generation(parameters) }
      return request
    }

    /// An image begins otherwise than an object.
    private func isJSON(_ post: Post) -> Bool {
      post.mediaType() == "application/json"
        || post.body.first { !" \t\r\n".utf8.contains($0) } == UInt8(ascii: "{")
    }

    private static let parameters: FieldTable = GenerationFields.table.merging([
      "generation_parameters": .read, "generate_kwargs": .read, "use_cache": .ignored,
      "num_beam_groups": .refused(unless: [1]), "penalty_alpha": .refused(unless: [0, 0.0]),
    ]) { known, _ in known }

    /// Options stand among the parameters, or in an object of their own there.
    private func generation(_ parameters: JSONField) throws -> GenerationOptions {
      try parameters.check(Self.parameters)
      let nested = parameters["generation_parameters", "generate_kwargs"]
      let outer = try GenerationFields.options(parameters)
      guard nested.isPresent else { return outer }
      try nested.check(Self.parameters)
      return outer.filled(from: try GenerationFields.options(nested))
    }

    func answer(_ results: [ImageResult], _ job: CaptionJob, _ post: Post) throws -> Answer {
      let captions: [JSONValue] = try captions(results).map { ["generated_text": .string($0.text)] }
      return Answer(json: wantsObject(post) ? captions[0] : .array(captions))
    }

    /// Python's client takes the first element of a list, JavaScript's an object.
    private func wantsObject(_ post: Post) -> Bool {
      if let shape = post.query.first(where: { $0.name == "shape" }) { return shape.value == "object" }
      let agent = post.headers[.userAgent] ?? ""
      return agent.contains("@huggingface/") || agent.hasPrefix("Mozilla/")
    }

    func stream(_ job: CaptionJob) -> any AnswerStream { NoStream() }

    func body(of error: RequestError) -> JSONValue { ["error": .string(error.message)] }
  }

  /// For an API that has none: requests never ask for it.
  private struct NoStream: AnswerStream {
    let contentType = "application/json"
    mutating func begin() -> String { "" }
    mutating func token(_ token: CaptionToken, image: Int) -> String { "" }
    mutating func end(_ result: ImageResult) -> String { "" }
    mutating func end() -> String { "" }
    mutating func failure(_ error: RequestError) -> String { "" }
  }
#endif
