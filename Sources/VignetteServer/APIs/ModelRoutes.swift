#if Network
  import Foundation
  import HTTPTypes
  import Hummingbird
  import Vignette
  import VignetteFiles
  import VignetteModels

  /// Which models are served, as each kind of client asks.
  extension ServerParts {
    func addModelRoutes(_ router: Router<ServerContext>) {
      get(router, "/v1/models") { [options] _ in
        ["object": "list", "data": .array(options.models.map { ModelDetails($0).openAI })]
      }
      router.get("/v1/models/**") { [self] request, context in
        let path = context.parameters.getCatchAll().joined(separator: "/")
        do throws(RequestError) {
          try key.check(request.headers)
          let model = try store.model(named: path.removingPercentEncoding ?? path)
          return Response(json: ModelDetails(model).openAI)
        } catch {
          return Response(json: OpenAI.body(of: error), error: error)
        }
      }
      get(router, "/api/tags") { [options] _ in
        ["models": .array(options.models.map { .object(ModelDetails($0).ollama) })]
      }
      get(router, "/api/ps") { [options, store] _ in
        let loaded = await store.loaded
        let models = options.models.filter { loaded.contains($0.name) }.map { model in
          var json = ModelDetails(model).ollama
          json["modified_at"] = nil
          let end = Date() + (options.keepAlive.map { $0 / .seconds(1) } ?? 3e9)
          json["expires_at"] = .string(end.formatted(.iso8601WithFraction))
          json["size_vram"] = 0
          return JSONValue.object(json)
        }
        return ["models": .array(models)]
      }
      get(router, "/api/version") { [version] _ in ["version": .string(version)] }
      router.post("/api/show") { [self] request, _ in
        do {
          try key.check(request.headers)
          let (body, held) = try await BodyReader(limits: options.limits, held: self.held).read(request)
          defer { withExtendedLifetime(held) {} }
          let json = try Post(headers: request.headers, query: [], body: body).json()
          let model = try store.model(named: try json["model", "name"].optional())
          return Response(json: ModelDetails(model).ollamaShown)
        } catch {
          let error = RequestError(explaining: error) ?? .internalFault
          return Response(json: ["error": .string(error.message)], error: error)
        }
      }
      router.get("/api/v1/info") { [self] request, _ in Response(json: await info(request.headers)) }
    }

    private func get(
      _ router: Router<ServerContext>, _ path: RouterPath,
      _ json: @escaping @Sendable (Request) async -> JSONValue
    ) {
      router.get(path) { [key] request, _ in
        key.allows(request.headers) ? Response(json: await json(request)) : Self.unauthorized
      }
    }

    /// What the page needs to know.
    private func info(_ headers: HTTPFields) async -> JSONValue {
      var json: JSONObject = [
        "version": .string(version), "requires_key": .bool(key.isRequired),
        "max_body_bytes": .int(options.limits.bodyBytes), "max_images": .int(options.limits.images),
        "allows_urls": .bool(options.allowsURLs),
      ]
      guard key.allows(headers) else { return .object(json) }
      let loaded = await store.loaded
      json["models"] = .array(
        options.models.map { model in
          let details = ModelDetails(model)
          return [
            "name": .string(model.name), "is_loaded": .bool(loaded.contains(model.name)),
            "defaults": details.generation, "takes_prompt": .bool(details.takesPrompt),
            "has_attention": .bool(details.hasAttention),
          ]
        })
      return .object(json)
    }
  }

  /// What a model's folder says of it.
  struct ModelDetails {
    private let model: ServedModel
    private let config: JSONValue

    init(_ model: ServedModel) {
      self.model = model
      config = (try? JSONValue(contentsOf: model.folder.appendingPathComponent("config.json"))) ?? [:]
    }

    private var modelType: String { config["model_type"]?.asString ?? "" }

    var takesPrompt: Bool { CaptionFamily.all.first { $0.modelType == modelType }?.takesPrompt ?? false }

    var hasAttention: Bool { true }

    var generation: JSONValue {
      let file = model.folder.appendingPathComponent("generation_config.json")
      return (try? JSONValue(contentsOf: file)) ?? [:]
    }

    private var modified: Date {
      let status = FileSystem.status(of: model.folder.appendingPathComponent("config.json").path)
      return status.map { Date(timeIntervalSince1970: FileSystem.changed($0)) } ?? .distantPast
    }

    private var size: Int {
      let names = (try? FileName.list(model.folder.path)) ?? []
      return names.reduce(0) { sum, name in
        let status = FileSystem.status(of: model.folder.appendingPathComponent(name).path)
        return sum + (status.map { Int($0.st_size) } ?? 0)
      }
    }

    var openAI: JSONValue {
      [
        "id": .string(model.name), "object": "model",
        "created": .int(max(0, Int(modified.timeIntervalSince1970))), "owned_by": "vignette",
      ]
    }

    private var details: JSONValue {
      [
        "parent_model": "", "format": "safetensors", "family": .string(modelType),
        "families": [.string(modelType)], "parameter_size": "", "quantization_level": "",
      ]
    }

    var ollama: JSONObject {
      [
        "name": .string(model.name), "model": .string(model.name),
        "modified_at": .string(modified.formatted(.iso8601WithFraction)), "size": .int(size),
        "digest": .string(SHA256Sum(Array(config.text().utf8)).description), "details": details,
      ]
    }

    var ollamaShown: JSONValue {
      [
        "modelfile": "", "parameters": "", "template": "", "license": "", "details": details,
        "model_info": ["general.architecture": .string(modelType), "general.basename": .string(model.name)],
        "capabilities": ["completion", "vision"],
        "modified_at": .string(modified.formatted(.iso8601WithFraction)),
      ]
    }
  }
#endif
