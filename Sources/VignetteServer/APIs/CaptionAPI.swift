#if Network
  import Foundation
  import HTTPTypes
  import Vignette
  import VignetteFiles

  /// One of the ways in which clients ask: how a request is read, and how captions and errors are written.
  protocol CaptionAPI: Sendable {
    /// What measures call it.
    var name: String { get }
    /// - Throws: `RequestError` or `JSONError` for what can't be understood.
    func request(_ post: Post) throws -> CaptionRequest
    /// The whole answer, where it doesn't come in a stream.
    func answer(_ results: [ImageResult], _ job: CaptionJob, _ post: Post) throws -> Answer
    /// The answer to a request that wants a model loaded or let go.
    func answer(to load: ModelLoad, model: ServedModel) -> JSONValue
    /// How the answer comes in a stream.
    func stream(_ job: CaptionJob) -> any AnswerStream
    func body(of error: RequestError) -> JSONValue
  }

  /// A request as it came.
  struct Post: Sendable {
    let headers: HTTPFields
    /// The part of the path that the route leaves open: a model's name.
    var pathModel: String?
    let query: [(name: String, value: String)]
    var body: [UInt8]
    let arrival = ContinuousClock.now

    /// The body as a JSON object.
    ///
    /// - Throws: `JSONError`, which calls it the request.
    func json() throws -> JSONField {
      // A list of numbers takes many times the memory of its text.
      let structure = body.count {
        $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{")
      }
      guard structure <= Self.mostJSONValues else {
        throw RequestError(.contentTooLarge, "body_too_large", "the request has too many JSON values")
      }
      let value = try JSONValue(parsing: body, file: "request")
      guard value.asObject != nil else { throw RequestError.invalid("the request is no JSON object") }
      return JSONField(value, file: "request")
    }

    private static let mostJSONValues = 100_000

    func mediaType() -> String {
      let type = headers[.contentType] ?? ""
      return type.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
    }
  }

  struct Answer: Sendable {
    var status = HTTPResponse.Status.ok
    let json: JSONValue
  }

  /// An answer that comes in pieces.
  protocol AnswerStream: Sendable {
    var contentType: String { get }
    mutating func begin() -> String
    mutating func begin(image: Int, name: String?) -> String
    mutating func token(_ token: CaptionToken, image: Int) -> String
    mutating func end(_ result: ImageResult) -> String
    /// After the last image.
    mutating func end() -> String
    /// In place of all that would still come.
    mutating func failure(_ error: RequestError) -> String
  }

  extension AnswerStream {
    mutating func begin(image: Int, name: String?) -> String { "" }
  }

  /// Server-sent events.
  enum ServerSentEvent {
    static let contentType = "text/event-stream; charset=utf-8"

    static func text(_ data: JSONValue, event: String? = nil) -> String {
      (event.map { "event: \($0)\n" } ?? "") + "data: \(data.text(.plainLine))\n\n"
    }
  }

  extension CaptionAPI {
    func answer(to load: ModelLoad, model: ServedModel) -> JSONValue { [:] }

    /// The captions of the only image.
    ///
    /// - Throws: `RequestError` where it has none.
    func captions(_ results: [ImageResult]) throws(RequestError) -> [ServedCaption] {
      guard let result = results.first else { throw .internalFault }
      return try result.captions.get()
    }
  }
#endif
