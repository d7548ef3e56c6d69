#if Network
  import Foundation
  import NIOHTTP1
  import Testing
  import Vignette
  import VignetteFiles
  import VignetteServer
  import VignetteTestServer
  import VignetteTestSupport

  /// Requests that are too large, too slow, too many, or whose clients are gone.
  @Suite(.serialized) struct LimitTests {
    private static func head(_ length: Int, _ more: String = "") -> String {
      "POST /api/v1/caption HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\(more)\r\n"
    }

    @Test func largeBodies() async throws {
      try await TestedServer.run {
        $0.limits.bodyBytes = 10_000
      } _: { (server: TestedServer) async throws in
        let answer = try await server.post("/", Data(count: 10_001))
        #expect(answer.status == 413)
        #expect(try answer.json["error"]?.asString?.contains("10000") == true)

        // The answer comes before the body, and the connection ends.
        let declared = try await server.connect()
        try await declared.send(Self.head(1 << 40))
        let response = try await declared.response
        #expect(response.hasPrefix("HTTP/1.1 413 ") && response.lowercased().contains("connection: close"))

        let chunked = try await server.connect()
        try await chunked.send(
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        let chunk = "1000\r\n" + String(repeating: "a", count: 4096) + "\r\n"
        for _ in 0..<4 { try? await chunked.send(chunk) }
        #expect(try await chunked.response.hasPrefix("HTTP/1.1 413 "))
      }
    }

    @Test func bodiesTogether() async throws {
      try await TestedServer.run {
        $0.limits.heldBytes = 100_000
      } _: { (server: TestedServer) async throws in
        #expect(try await server.post("/", TestedServer.bytes).status == 200)
        let answer = try await server.post("/", Data(count: 50_000))
        #expect(answer.status == 503 && answer.headers.first(name: "Retry-After") != nil)
        // What the first one held was given back.
        #expect(try await server.post("/", TestedServer.bytes).status == 200)
      }
    }

    @Test func manyPixelsAndImages() async throws {
      try await TestedServer.run {
        $0.captioner.maximumImagePixels = 100
        $0.limits.images = 2
      } _: { (server: TestedServer) async throws in
        let answer = try await server.post("/", TestedServer.bytes)
        #expect(answer.status == 413 && answer.text.contains("limit of 100 pixels"))
        #expect(!answer.text.contains("max_image_pixels"))
        let image = JSONValue.string(try TestedServer.base64)
        let many = try await server.post("/api/v1/caption", ["images": [image, image, image]])
        #expect(many.status == 413)
        #expect(try many.json["error"]?["code"] == "too_many_images")
      }
    }

    /// Attention is told for as many tokens, captions and images as there may be weights.
    @Test func muchAttention() async throws {
      let bytes = try TestedServer.bytes
      var weights = 0
      try await TestedServer.run { (server: TestedServer) async throws in
        let path = "/api/v1/caption?max_new_tokens=1&attention=layers"
        let answer = try await server.post(path, bytes).json["results"]?.asArray?[0]["captions"]?.asArray?[0]
        let word = try #require(answer?["attention"]?["words"]?.asArray?.first)
        weights = word["layers"]?.asArray?.reduce(0) { $0 + ($1.asArray?.count ?? 0) } ?? 0
        #expect(weights > 0)
      }
      try await TestedServer.run {
        $0.limits.attentionWeights = 8 * weights
      } _: { (server: TestedServer) async throws in
        func post(_ query: String) async throws -> TestedServer.Answer {
          try await server.post("/api/v1/caption?\(query)", bytes)
        }
        #expect(try await post("attention=layers&max_new_tokens=8").status == 200)
        for query in ["max_new_tokens=9", "max_new_tokens=5&num_beams=2&num_return_sequences=2"] {
          #expect(try await post(query).status == 200)
          for wish in ["true", "layers"] {
            let refused = try await post("\(query)&attention=\(wish)")
            #expect(refused.status == 400, "\(query)")
            #expect(try refused.json["error"]?["field"] == "attention")
            #expect(
              try refused.json["error"]?["message"]?.asString?.contains("the limit is \(8 * weights)") == true
            )
          }
        }
        let image = JSONValue.string(try TestedServer.base64)
        let many = try await server.post(
          "/api/v1/caption", ["images": [image, image], "max_new_tokens": 5, "attention": true])
        #expect(many.status == 400)
      }
    }

    /// An answer doesn't grow with what a client sends.
    @Test(arguments: ["/api/v1/caption", "/", "/v1/chat/completions", "/api/generate"])
    func longNames(path: String) async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let long = String(repeating: "é", count: 50_000)
        let answer = try await server.post(path, [long: 1])
        #expect(answer.status == 400 && answer.body.count < 2000, "\(answer.body.count)")
      }
    }

    /// No number that a client may send does anything but be refused.
    @Test(arguments: [
      "top_log_probabilities", "num_beams", "num_return_sequences", "max_new_tokens", "min_new_tokens",
      "max_length",
    ])
    func extremeNumbers(name: String) async throws {
      let bytes = try TestedServer.bytes
      try await TestedServer.run { (server: TestedServer) async throws in
        for value in [Int.min, Int.max] {
          let answer = try await server.post("/api/v1/caption?\(name)=\(value)", bytes)
          #expect(answer.status == 400, "\(value): \(answer.text)")
        }
      }
    }

    @Test func manyValues() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let list = "{\"messages\": [" + String(repeating: "1,", count: 200_000) + "1]}"
        #expect(try await server.post("/v1/chat/completions", Data(list.utf8)).status == 413)
      }
    }

    @Test func slowBodies() async throws {
      try await TestedServer.run {
        $0.limits.bodyTimeout = .milliseconds(50)
      } _: { (server: TestedServer) async throws in
        let connection = try await server.connect()
        try await connection.send(Self.head(1000) + "a")
        #expect(try await connection.response.hasPrefix("HTTP/1.1 408 "))
        #expect(server.server.imageCount == 0)
      }
    }

    @Test func slowHeads() async throws {
      try await TestedServer.run {
        $0.limits.headTimeout = .milliseconds(50)
      } _: { (server: TestedServer) async throws in
        let silent = try await server.connect()
        let slow = try await server.connect()
        try await slow.send("POST / HT")
        #expect(try await silent.response.hasPrefix("HTTP/1.1 408 "))
        #expect(try await slow.response.hasPrefix("HTTP/1.1 408 "))
      }
    }

    @Test func cutOffBodies() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let connection = try await server.connect()
        try await connection.send(Self.head(1000) + "abc")
        try await connection.close()
        #expect(try await eventually { server.log.text.contains("\"error\": \"cut_off\"") })
      }
    }

    @Test func aClientThatAsksMaySend() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let bytes = try TestedServer.bytes
        let connection = try await server.connect()
        try await connection.send(
          Self.head(bytes.count, "Expect: 100-continue\r\nConnection: close\r\n"))
        try await connection.send(bytes)
        let response = try await connection.response
        #expect(response.hasPrefix("HTTP/1.1 100 Continue\r\n") && response.contains("HTTP/1.1 200 OK"))
      }
    }

    @Test func badHTTP() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let connection = try await server.connect()
        try await connection.send("nonsense\r\n\r\n")
        #expect(try await connection.response.hasPrefix("HTTP/1.1 400 "))
        #expect(try await server.get("/nothing").status == 404)
        #expect(try await server.get("/nothing").json["error"]?.asString?.contains("/nothing") == true)
      }
    }

    /// Who finds no room is told at once; who has it gets a caption.
    @Test func aFullQueue() async throws {
      try await TestedServer.run {
        $0.limits.queueCapacity = 2
      } _: { (server: TestedServer) async throws in
        _ = try await server.post("/", TestedServer.bytes)
        let blocker = await Blocker()
        let waiting = try (0..<2).map { _ in
          let bytes = try TestedServer.bytes
          return Task { try await server.post("/", bytes).status }
        }
        #expect(try await eventually { server.server.imageCount == 2 })
        let refused = try await server.post("/v1/chat/completions", APITests.chat())
        #expect(refused.status == 429)
        #expect(refused.headers.first(name: "Retry-After") == "1")
        #expect(try refused.json["error"]?["code"] == "queue_full")
        #expect(try refused.json["error"]?["type"] == "rate_limit_error")
        // Others than captions are answered meanwhile.
        #expect(try await server.get("/health/live").status == 200)
        await blocker.release()
        for task in waiting { #expect(try await task.value == 200) }
      }
    }

    @Test func aSlowModel() async throws {
      try await TestedServer.run {
        $0.limits.requestTimeout = .milliseconds(200)
      } _: { (server: TestedServer) async throws in
        let blocker = await Blocker()
        let answer = try await server.post("/", TestedServer.bytes)
        #expect(answer.status == 504)
        let stream = try await server.post("/v1/chat/completions", APITests.chat(["stream": true]))
        #expect(stream.status == 200 && stream.text.contains("\"timeout\""))
        await blocker.release()
        #expect(try await eventually { server.server.imageCount == 0 })
      }
    }

    /// A request whose client has gone leaves the queue, although the model is busy.
    @Test(arguments: ["/", "/api/v1/caption?stream=true"])
    func aClientThatGoes(path: String) async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        _ = try await server.post("/", TestedServer.bytes)
        let blocker = await Blocker()
        let bytes = try TestedServer.bytes
        let connection = try await server.connect()
        try await connection.send(
          "POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(bytes.count)\r\n\r\n")
        try await connection.send(bytes)
        #expect(try await eventually { server.server.imageCount == 1 })
        try await connection.close()
        #expect(try await eventually { server.server.imageCount == 0 })
        await blocker.release()
      }
    }

    /// What was taken is finished; nothing more is taken.
    @Test func gracefulStop() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        _ = try await server.post("/", TestedServer.bytes)
        #expect(try await server.get("/health/ready").status == 200)
        let blocker = await Blocker()
        let bytes = try TestedServer.bytes
        let taken = Task { try await server.post("/", bytes).status }
        #expect(try await eventually { server.server.imageCount == 1 })
        server.server.stop()
        #expect(try await eventually { (try? await server.get("/health/live")) == nil })
        await blocker.release()
        #expect(try await taken.value == 200)
      }
    }

    /// While load balancers learn that the server isn't ready, it goes on.
    @Test func readinessGoesFirst() async throws {
      try await TestedServer.run {
        $0.drainDelay = .seconds(3600)
      } _: { (server: TestedServer) async throws in
        server.server.stop()
        #expect(try await eventually { try await server.get("/health/ready").status == 503 })
        #expect(try await server.post("/", TestedServer.bytes).status == 200)
        server.running.cancel()
      }
    }

    @Test func requestsShareBatches() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        _ = try await server.post("/", TestedServer.bytes)
        let blocker = await Blocker()
        let bytes = try TestedServer.bytes
        let tasks = (0..<6).map { number in
          Task { try await server.post("/api/v1/caption?num_beams=\(1 + number % 2)", bytes).json }
        }
        #expect(try await eventually { server.server.imageCount == 6 })
        #expect(
          try await eventually { try await server.get("/metrics").text.contains("vignette_images_waiting 5") }
        )
        await blocker.release()
        var texts: Set<String> = []
        for task in tasks {
          texts.insert(
            try await task.value["results"]?.asArray?[0]["captions"]?.asArray?[0]["text"]?.asString ?? "")
        }
        #expect(texts.count <= 2 && !texts.contains(""))
        let measures = try await server.get("/metrics").text
        #expect(measures.contains("vignette_batch_size_bucket{le=\"8\"} 3"), "\(measures)")
        #expect(measures.contains("vignette_batch_size_sum 7"))
      }
    }

    // MARK: Images from web addresses

    private static func chat(_ address: String) -> JSONValue {
      ["images": [.string(address)]]
    }

    @Test func privateAddressesAreRefused() async throws {
      let files = try TestServer(["scene.png": TestedServer.bytes])
      try await TestedServer.run {
        $0.allowsURLs = true
      } _: { (server: TestedServer) async throws in
        let addresses = [
          files.url.appendingPathComponent("scene.png").absoluteString, "http://localhost/a.png",
          "http://[::1]/a.png", "http://2130706433/a.png", "http://0x7f.1/a.png", "http://169.254.169.254/x",
          "http://[::ffff:10.0.0.1]/a.png", "http://[fd00::1]/a.png", "http://0/a.png",
        ]
        for address in addresses {
          let answer = try await server.post("/api/v1/caption", Self.chat(address))
          #expect(answer.status == 400, "\(address)")
          #expect(try answer.json["error"]?["code"] == "address_not_allowed", "\(address)")
        }
        for address in ["http://user@example.org/a.png", "http:///a.png"] {
          let answer = try await server.post("/api/v1/caption", Self.chat(address))
          #expect(try answer.json["error"]?["code"] == "image_not_fetched", "\(address)")
        }
      }
      #expect(files.takeRequests().isEmpty)
    }

    @Test func imagesAreFetched() async throws {
      let files = try TestServer(["scene.png": TestedServer.bytes, "large.png": Data(count: 200_000)])
      try await TestedServer.run {
        $0.allowsURLs = true
        $0.fetchesFromPublicAddressesAlone = false
        $0.limits.fetchBytes = 100_000
        $0.limits.fetchTimeout = .seconds(2)
      } _: { (server: TestedServer) async throws in
        func status(_ name: String) async throws -> Int {
          try await server.post(
            "/api/v1/caption", Self.chat(files.url.appendingPathComponent(name).absoluteString)
          ).status
        }
        #expect(try await status("scene.png") == 200)
        #expect(try await status("large.png") == 413)
        #expect(try await status("missing.png") == 400)
        files.change { $0.faults = [.redirect(to: "/scene.png")] }
        #expect(try await status("other.png") == 200)
        files.change { $0.faults = Array(repeating: .redirect(to: "/scene.png"), count: 4) }
        #expect(try await status("other.png") == 400)
        files.change { $0.faults = [.redirect(to: "file:///etc/passwd")] }
        #expect(try await status("other.png") == 400)
        files.change { $0.faults = [.stall(after: 10)] }
        #expect(try await status("scene.png") == 400)
      }
    }

    @Test(arguments: [
      ("8.8.8.8", true), ("93.184.216.34", true), ("10.1.2.3", false), ("127.0.0.1", false),
      ("172.16.0.1", false), ("172.32.0.1", true), ("192.168.1.1", false), ("100.64.0.1", false),
      ("100.128.0.1", true), ("169.254.169.254", false), ("0.0.0.0", false), ("224.0.0.1", false),
      ("255.255.255.255", false), ("198.18.0.1", false), ("::1", false), ("::", false), ("fe80::1", false),
      ("fc00::1", false), ("2001:db8::1", false), ("2606:4700::1111", true), ("::ffff:8.8.8.8", true),
      ("::ffff:127.0.0.1", false), ("64:ff9b::7f00:1", false), ("2002:7f00:1::", false), ("ff02::1", false),
    ])
    func publicAddresses(text: String, isPublic: Bool) {
      #expect(NetworkAddress.isPublic(text) == isPublic)
    }
  }
#endif
