#if Network
  import Foundation
  import Vignette
  import VignetteFiles
  import VignetteModels

  /// What a request of any of the APIs asks for.
  struct CaptionRequest: Sendable {
    /// nil for the first one that is served.
    var model: String?
    var images: [ImageInput] = []
    var generation = GenerationOptions()
    /// What the client wants captions to begin with; most send something that no captioner understands.
    var clientPrompt: String?
    var streams = false
    /// Whether a stream ends with the number of tokens.
    var streamsUsage = false
    /// How many captions are wanted, however they are found.
    var captionCount: Int?
    /// Whether each token's log-probability is wanted in the answer.
    var wantsLogProbabilities = false
    /// Whether the words' attention is wanted, and of each layer.
    var attention = AttentionWish.none
    /// Texts that captions are cut off before, of which generation must keep the last.
    var stops: [String] = []
    /// Nothing but that a model be loaded, or let go.
    var load: ModelLoad?
  }

  extension CaptionRequest {
    /// The same with images that are names alone.
    var withoutBytes: CaptionRequest {
      var request = self
      for index in images.indices { request.images[index].source = .bytes(Data()) }
      return request
    }
  }

  enum ModelLoad: Sendable { case load, unload }

  enum AttentionWish: String, Sendable {
    case none = "false"
    case words = "true"
    case layers
  }

  /// An image as a client gave it.
  struct ImageInput: Sendable {
    enum Source: Sendable {
      case bytes(Data)
      /// A web address.
      case address(String)
    }

    var name: String?
    var source: Source

    init(_ bytes: Data, name: String? = nil) {
      source = .bytes(bytes)
      self.name = name
    }

    /// - Parameters:
    ///   - text: base64, a `data:` URL or a web address.
    ///   - field: the request's field that holds it.
    /// - Throws: `RequestError` where it is none of these.
    init(text: String, field: String) throws(RequestError) {
      if text.hasPrefix("http://") || text.hasPrefix("https://") {
        source = .address(text)
        return
      }
      var base64 = text[...]
      if text.hasPrefix("data:") {
        let head = text.prefix { $0 != "," }
        guard head.endIndex < text.endIndex, head.hasSuffix(";base64") else {
          throw .invalid("\"\(field)\" is a data: URL without base64 data", field: field)
        }
        base64 = text[text.index(after: head.endIndex)...]
      }
      guard !base64.isEmpty,
        let bytes = Data(base64Encoded: String(base64), options: .ignoreUnknownCharacters),
        !bytes.isEmpty
      else {
        throw .invalid(
          "\"\(field)\" is neither base64, a data: URL nor a web address: "
            + "\"\(Excerpt(text, limit: 40))\"", field: field)
      }
      source = .bytes(bytes)
    }
  }

  /// What became of an image.
  struct ImageResult: Sendable {
    let index: Int
    let name: String?
    var width: Int?
    var height: Int?
    let captions: Result<[ServedCaption], RequestError>
  }

  /// A caption with what the APIs say of it.
  struct ServedCaption: Sendable {
    /// Cut off before a text that ends it.
    let text: String
    let caption: Caption
    let tokens: [CaptionToken]
    /// Whether it ends because it reached its greatest length.
    var isCutOff: Bool { caption.isCutOff }

    /// The sum of its tokens' log-probabilities.
    var logProbability: Double { caption.tokenLogProbabilities.reduce(0) { $0 + Double($1) } }
  }
#endif
