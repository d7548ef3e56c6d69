#if Network
  import AsyncHTTPClient
  import Foundation
  import Logging
  import NIOCore
  import NIOHTTP1
  import NIOSSL
  import Testing
  import Vignette
  import VignetteFiles
  import VignetteServer
  import VignetteTestSupport

  /// Keys, measures, descriptions, models that come and go.
  @Suite(.serialized) struct ServerTests {
    @Test func keys() async throws {
      try await TestedServer.run {
        $0.apiKey = "secret"
        $0.limits.bodyBytes = 1000
      } _: { (server: TestedServer) async throws in
        let bytes = try TestedServer.bytes
        for headers in [[], [("Authorization", "Bearer wrong")], [("Authorization", "Basic secret")]] {
          let answer = try await server.post("/v1/chat/completions", APITests.chat(), headers: headers)
          #expect(answer.status == 401)
          #expect(try answer.json["error"]?["code"] == "invalid_api_key")
          #expect(answer.headers.first(name: "WWW-Authenticate") == "Bearer")
        }
        for path in ["/v1/models", "/api/tags", "/metrics", "/v1/models/tiny", "/api/ps"] {
          #expect(try await server.get(path).status == 401, "\(path)")
          #expect(try await server.get(path, headers: [("Authorization", "Bearer secret")]).status == 200)
        }
        #expect(try await server.post("/api/show", ["model": "tiny"]).status == 401)
        // Bytes of strangers aren't read.
        #expect(try await server.post("/", Data(count: 100_000)).status == 401)
        for path in ["/health/live", "/health/ready", "/", "/openapi.json", "/api/v1/info"] {
          #expect(try await server.get(path).status == 200, "\(path)")
        }
        #expect(try await server.get("/api/v1/info").json["models"] == nil)
        #expect(try await server.get("/api/v1/info").json["requires_key"] == true)
        _ = bytes
      }
    }

    @Test func bothFormsOfKeys() async throws {
      try await TestedServer.run {
        $0.apiKey = "secret"
      } _: { (server: TestedServer) async throws in
        let bytes = try TestedServer.bytes
        #expect(
          try await server.post("/", bytes, headers: [("authorization", "bearer secret")]).status == 200)
        #expect(try await server.post("/", bytes, headers: [("X-Api-Key", "secret")]).status == 200)
      }
    }

    @Test func otherOrigins() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let answer = try await server.get("/v1/models", headers: [("Origin", "https://a.example")])
        #expect(answer.headers.first(name: "Access-Control-Allow-Origin") == nil)
      }
      try await TestedServer.run {
        $0.corsOrigins = ["https://a.example"]
      } _: { (server: TestedServer) async throws in
        let headers = [("Origin", "https://a.example"), ("Access-Control-Request-Method", "POST")]
        let preflight = try await server.send("OPTIONS", "/api/v1/caption", headers, nil)
        #expect(preflight.status == 204)
        #expect(preflight.headers.first(name: "Access-Control-Allow-Origin") == "https://a.example")
        #expect(
          preflight.headers.first(name: "Access-Control-Allow-Headers")?.contains("Authorization") == true)
        let error = try await server.post("/", Data("no".utf8), headers: [("Origin", "https://a.example")])
        #expect(error.headers.first(name: "Access-Control-Allow-Origin") == "https://a.example")
        let other = try await server.get("/v1/models", headers: [("Origin", "https://b.example")])
        #expect(other.headers.first(name: "Access-Control-Allow-Origin") == nil)
      }
    }

    @Test func measures() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        #expect(try await server.post("/", TestedServer.bytes).status == 200)
        #expect(try await server.post("/", Data("no".utf8)).status == 400)
        let answer = try await server.get("/metrics")
        #expect(answer.headers.first(name: "Content-Type")?.hasPrefix("text/plain; version=0.0.4") == true)
        let text = answer.text
        for line in [
          "# TYPE vignette_requests_total counter",
          "vignette_requests_total{api=\"huggingface\",code=\"200\"} 1",
          "vignette_requests_total{api=\"huggingface\",code=\"400\"} 1",
          "vignette_images_total{model=\"tiny\"} 1", "vignette_tokens_generated_total{model=\"tiny\"} 6",
          "vignette_requests_running 1", "vignette_images_waiting 0",
          "vignette_model_loaded{model=\"tiny\"} 1",
          "# TYPE vignette_request_duration_seconds histogram",
          "vignette_request_duration_seconds_bucket{api=\"huggingface\",le=\"+Inf\"} 2",
          "vignette_queue_duration_seconds_count 1", "vignette_batch_size_bucket{le=\"1\"} 1",
          "vignette_held_bytes 0",
        ] {
          #expect(text.contains(line + "\n"), "\(line) isn't in \(text)")
        }
      }
    }

    @Test func theLogSaysWhoAskedWhat() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let caption = try await TestedServer.caption()
        _ = try await server.post("/", TestedServer.bytes)
        _ = try await server.post("/api/v1/caption?stream=true", TestedServer.bytes)
        #expect(try await eventually { server.log.text.contains("\"api\": \"own\"") })
        let lines = server.log.text.split(separator: "\n").filter { $0.contains("\"message\": \"request\"") }
        #expect(lines.count == 2)
        let json = try JSONValue(parsing: lines[0].utf8, file: "log")
        #expect(
          json["path"] == "/" && json["status"] == 200 && json["model"] == "tiny" && json["images"] == 1)
        #expect(json["client"] == "127.0.0.1" && json["duration_ms"]?.asInt != nil)
        #expect(!server.log.text.contains(caption.text))
      }
    }

    @Test func textLog() {
      let lines = TestedServer.Log()
      let logger = Logger(label: "x") { label in ServerLogHandler(label: label, .text) { lines.add($0) } }
      logger.info("request", metadata: ["path": "/a b", "status": "200"])
      logger.error("it failed")
      #expect(lines.text == "request path=\"/a b\" status=200\nerror: it failed")
    }

    @Test func description() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let json = try await server.get("/openapi.json").json
        #expect(json["openapi"] == "3.1.0")
        let paths = try #require(json["paths"]?.asObject)
        for (path, item) in paths where !path.contains("{") {
          for (method, operation) in try #require(item.asObject) {
            #expect(operation["responses"]?["200"] != nil)
            let status = try await server.send(method.uppercased(), path, [], method == "post" ? Data() : nil)
              .status
            #expect(status != 404 && status != 405, "\(method) \(path)")
          }
        }
        // Everything that is referred to is there.
        let text = json.text(.plainLine)
        let schemas = try #require(json["components"]?["schemas"]?.asObject)
        for part in text.split(separator: "#/components/schemas/").dropFirst() {
          let name = String(part.prefix { $0 != "\"" })
          #expect(schemas[name] != nil, "\(name)")
        }
      }
    }

    @Test func thePage() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let page = try await server.get("/")
        #expect(page.status == 200)
        #expect(page.headers.first(name: "Content-Type") == "text/html; charset=utf-8")
        #expect(page.headers.first(name: "Content-Security-Policy")?.contains("default-src 'none'") == true)
        let tag = try #require(page.headers.first(name: "ETag"))
        #expect(try await server.get("/", headers: [("If-None-Match", tag)]).status == 304)
        let info = try await server.get("/api/v1/info").json
        #expect(info["models"]?.asArray?.first?["name"] == "tiny" && info["requires_key"] == false)
      }
    }

    /// A model is loaded by the first request and let go when nobody asks any more.
    @Test func modelsComeAndGo() async throws {
      try await TestedServer.run {
        $0.models.append(ServedModel(name: "other/model", folder: TestedServer.folder))
        $0.keepAlive = .zero
      } _: { (server: TestedServer) async throws in
        func loaded() async throws -> [JSONValue?] {
          try await server.get("/api/ps").json["models"]?.asArray?.map { $0["name"] } ?? []
        }
        #expect(try await loaded().isEmpty)
        #expect(try await server.post("/models/other/model", TestedServer.bytes).status == 200)
        #expect(try await eventually { try await loaded().isEmpty })
        #expect(server.log.text.contains("model released"))
        #expect(try await server.post("/models/other%2Fmodel", TestedServer.bytes).status == 200)
      }
      try await TestedServer.run { (server: TestedServer) async throws in
        _ = try await server.post("/", TestedServer.bytes)
        #expect(try await server.get("/api/ps").json["models"]?.asArray?.count == 1)
        let unload = try await server.post("/api/generate", ["model": "tiny", "keep_alive": 0]).json
        #expect(unload["done_reason"] == "unload")
        #expect(try await eventually { try await server.get("/api/ps").json["models"] == [] })
      }
    }

    /// What keeps a model from being loaded is the server's trouble, and may pass.
    @Test func aModelThatDoesNotLoad() async throws {
      let folder = try TemporaryFolder()
      try await TestedServer.run {
        $0.models = [ServedModel(name: "broken", folder: folder.url)]
      } _: { (server: TestedServer) async throws in
        let answer = try await server.post("/", TestedServer.bytes)
        #expect(answer.status == 500)
        #expect(!answer.text.contains(folder.url.path))
        #expect(server.log.text.contains("model not loaded"))
        for file in try FileManager.default.contentsOfDirectory(atPath: TestedServer.folder.path) {
          try FileManager.default.copyItem(
            at: TestedServer.folder.appendingPathComponent(file), to: folder.url.appendingPathComponent(file))
        }
        #expect(try await server.post("/", TestedServer.bytes).status == 200)
      }
    }

    /// Clients' prompts are for other models, unless the server's keeper says otherwise.
    @Test(arguments: [false, true]) func prompts(areUsed: Bool) async throws {
      let blip = Fixture.url("blip/blip")
      let scene = blip.appendingPathComponent("scene.png")
      let plain = GenerationOptions(maxNewTokens: 6)
      var prompted = plain
      prompted.prompt = "a"
      let expected = try await Captioner(modelAt: blip).caption(scene, generation: areUsed ? prompted : plain)
      try await TestedServer.run {
        $0.usesPrompts = areUsed
        $0.models.append(ServedModel(name: "blip", folder: blip))
      } _: { (server: TestedServer) async throws in
        let image = JSONValue.string(try Data(contentsOf: scene).base64EncodedString())
        func answer(_ model: JSONValue) async throws -> JSONValue? {
          try await server.post(
            "/api/generate", ["model": model, "prompt": "a", "images": [image], "stream": false]
          ).json["response"]
        }
        #expect(try await answer("blip") == .string(expected.text))
        // A vision encoder-decoder has learned to go on from nothing.
        let other = try await Captioner(modelAt: TestedServer.folder).caption(scene, generation: plain)
        #expect(try await answer("tiny") == .string(other.text))
      }
    }

    @Test func encrypted() async throws {
      let certificate = Fixture.url("tls/certificate.pem").path
      try await TestedServer.run {
        $0.tls = TLSFiles(certificate: certificate, key: Fixture.url("tls/key.pem").path)
      } _: { (server: TestedServer) async throws in
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .file(certificate)
        let configuration = HTTPClient.Configuration(tlsConfiguration: tls)
        let status = try await HTTPClient.withHTTPClient(configuration: configuration) { client in
          let request = HTTPClientRequest(url: "https://127.0.0.1:\(server.port)/health/ready")
          return try await client.execute(request, timeout: .minutes(15)).status.code
        }
        #expect(status == 200)
      }
      var options = ServerOptions(models: [ServedModel(name: "a", folder: TestedServer.folder)])
      options.tls = TLSFiles(certificate: certificate, key: Fixture.url("tls/other.pem").path)
      #expect(throws: FileError.self) {
        try CaptionServer(options, version: "1", logger: Logger(label: "test"))
      }
    }

    @Test func optionsAreChecked() {
      let model = ServedModel(name: "a", folder: TestedServer.folder)
      let logger = Logger(label: "test")
      #expect(throws: SettingError.self) {
        try CaptionServer(ServerOptions(models: []), version: "1", logger: logger)
      }
      #expect(throws: SettingError.self) {
        try CaptionServer(ServerOptions(models: [model, model]), version: "1", logger: logger)
      }
      var options = ServerOptions(models: [model])
      options.tls = TLSFiles(certificate: "/nowhere.pem", key: "/nowhere.key")
      #expect(throws: SystemError.self) { try CaptionServer(options, version: "1", logger: logger) }
    }
  }
#endif
