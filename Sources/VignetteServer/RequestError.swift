#if Network
  import Foundation
  import HTTPTypes
  import Vignette
  import VignetteFiles

  /// Why a request isn't answered with captions; each API words it in its own shape.
  struct RequestError: PlainError, Equatable {
    let status: HTTPResponse.Status
    /// For programs: `unreadable_image`.
    let code: String
    let message: String
    /// The request's field at fault.
    var field: String?
    /// Seconds after which trying again may help.
    var retryAfter: Int?

    init(
      _ status: HTTPResponse.Status, _ code: String, _ message: String, field: String? = nil,
      retryAfter: Int? = nil
    ) {
      self.status = status
      self.code = code
      // Names that clients give may have any length.
      self.message = "\(Excerpt(problem: message))"
      self.field = field.map { "\(Excerpt($0))" }
      self.retryAfter = retryAfter
    }

    var description: String { message }

    /// Whether the server is at fault, and not who asked.
    var isServers: Bool { status.code >= 500 }
  }

  extension RequestError {
    static func invalid(_ message: String, field: String? = nil) -> RequestError {
      RequestError(.badRequest, "invalid_request", message, field: field)
    }

    static func unsupported(_ field: String) -> RequestError {
      RequestError(
        .badRequest, "unsupported_field", "\"\(field)\" is not supported by this server", field: field)
    }

    static func noModel(_ name: String, served: [String]) -> RequestError {
      let names = served.map { "\"\($0)\"" }.joined(separator: ", ")
      return RequestError(
        .notFound, "model_not_found",
        "no model \"\(Excerpt(name, limit: 100))\" is served here; there are \(names)",
        field: "model")
    }

    static func modelNotLoaded(_ name: String) -> RequestError {
      RequestError(
        .internalServerError, "model_not_loaded",
        "the model \"\(name)\" can't be loaded; the server's log says why")
    }

    /// - Parameters:
    ///   - size: what the model takes.
    ///   - held: what models take that are at work.
    static func noRoomForModel(_ name: String, size: Int, held: Int, budget: Int) -> RequestError {
      RequestError(
        .serviceUnavailable, "no_room_for_model",
        "the model \"\(name)\" takes \(ByteCount(size)), and models that are at work take \(ByteCount(held)) of the "
          + "\(ByteCount(budget)) that all may take together; try again later", retryAfter: 5)
    }

    static func tooMuchAttention(_ count: Double, limit: Int) -> RequestError {
      .invalid(
        "the attention of these captions may have \(String(format: "%.0f", count)) weights, one for each token, layer and "
          + "part of an image; the limit is \(limit): ask for fewer tokens (\"max_new_tokens\"), captions or images",
        field: "attention")
    }

    static func queueIsFull(_ capacity: Int, retryAfter: Int) -> RequestError {
      RequestError(
        .tooManyRequests, "queue_full",
        "\(Quantity(capacity, "image")) are waiting or being captioned, and no more may; try again later",
        retryAfter: retryAfter)
    }

    static let stopping = RequestError(
      .serviceUnavailable, "stopping", "the server is stopping", retryAfter: 5)

    static let noMemoryForBody = RequestError(
      .serviceUnavailable, "out_of_memory",
      "too many bytes of requests are held at the moment; try again later", retryAfter: 1)

    static func bodyIsTooLarge(limit: Int) -> RequestError {
      RequestError(
        .contentTooLarge, "body_too_large", "the request is larger than the limit of \(limit) bytes")
    }

    static func bodyIsTooSlow(_ limit: Duration) -> RequestError {
      RequestError(
        .requestTimeout, "too_slow",
        "the request wasn't received within \(limit.formattedSeconds) seconds")
    }

    static let bodyIsCutOff = RequestError(
      .badRequest, "cut_off", "the request ended before as many bytes came as its Content-Length says")

    static func timeout(_ limit: Duration) -> RequestError {
      RequestError(
        .gatewayTimeout, "timeout", "there is no caption after \(limit.formattedSeconds) seconds",
        retryAfter: 5)
    }

    static let unauthorized = RequestError(
      .unauthorized, "invalid_api_key", "a key is required: Authorization: Bearer KEY")
  }

  extension RequestError {
    /// What any error comes to for whoever asked.
    ///
    /// - Returns: nil for one that is none of their business.
    init?(explaining error: any Error) {
      switch error {
      case let error as RequestError: self = error
      case let error as ImageError: self.init(error)
      case let error as SettingError:
        self = .invalid(Self.spelled("\(error)"), field: error.setting.name)
      case let error as GenerationError: self = .invalid(Self.spelled("\(error)"))
      case let error as JSONError:
        self = .invalid(error.description, field: error.key.flatMap { $0.isEmpty ? nil : $0 })
      case CaptionerError.busy(let capacity): self = .queueIsFull(capacity, retryAfter: 1)
      case let error as ModelError:
        self.init(.badRequest, "unusable_image", Self.spelled("\(error)"))
      case is TensorMemoryError:
        self.init(
          .serviceUnavailable, "out_of_memory", "there isn't enough memory at the moment; try again later",
          retryAfter: 5)
      default: return nil
      }
    }

    private init(_ error: ImageError) {
      let text = Self.spelled(error.reason)
      switch error.problem {
      case .tooManyPixels, .tooManyBytes:
        self.init(.contentTooLarge, "image_too_large", text)
      case .outOfMemory:
        self.init(.serviceUnavailable, "out_of_memory", text, retryAfter: 5)
      default:
        self.init(.badRequest, "unreadable_image", text)
      }
    }

    /// What goes wrong here and nobody who asks can mend.
    static let internalFault = RequestError(
      .internalServerError, "internal_error", "the server failed; its log says why")

    /// Settings as JSON spells them. That of the server's limit is its keeper's business.
    static func spelled(_ text: String) -> String {
      Setting.respell(text.replacing("; raise `max_image_pixels` if the file is trusted", with: "")) {
        "\"\($0)\""
      }
    }
  }

  extension Duration {
    /// Such as 30 or 0.5.
    var formattedSeconds: String {
      let seconds = self / .seconds(1)
      return seconds == seconds.rounded() ? String(Int(seconds)) : String(seconds)
    }
  }
#endif
