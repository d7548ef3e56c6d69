#if Network
  import HTTPTypes
  package import Vignette
  import VignetteFiles

  /// Requests as the APIs understand them, without a server that answers: for who tries what strangers may send.
  package struct RequestReading: Sendable {
    private static let apis: [any CaptionAPI] = [
      HuggingFaceAPI(), OpenAIChatAPI(version: ""), OpenAIResponsesAPI(), OllamaAPI(form: .generate),
      OllamaAPI(form: .chat), OwnAPI(),
    ]

    private let captioner: Captioner

    package init(_ captioner: Captioner) { self.captioner = captioner }

    /// Reads a request that comes by an API, the first one where there is none of that name, and captions an image as it
    /// asks.
    ///
    /// - Parameter image: in place of those of the request.
    /// - Returns: what the client is told is wrong with it; nil where there is a caption.
    /// - Throws: what no client can be told, and so mustn't happen.
    package func problem(
      of body: [UInt8], by name: String, contentType: String, query: String, image: ImageSource
    ) async throws -> String? {
      let api = Self.apis.first { $0.name == name } ?? Self.apis[0]
      var headers = HTTPFields()
      headers[.contentType] = contentType
      do {
        let request = try api.request(Post(headers: headers, query: Query.items(query), body: body))
        let options = ServerOptions(models: [])
        let generation = try CaptionService.generation(of: request, captioner, options)
        let prepared = try await captioner.prepared(image)
        try CaptionService.checkAttention(of: [.success(prepared)], generation, captioner, options.limits)
        _ = try await captioner.captions(of: prepared, generation: generation) { _ in }
        return nil
      } catch {
        guard let explained = RequestError(explaining: error) else { throw error }
        return api.body(of: explained).text(.plainLine)
      }
    }
  }
#endif
