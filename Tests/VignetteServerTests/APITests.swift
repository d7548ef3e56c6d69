#if Network
  import Foundation
  import NIOHTTP1
  import Testing
  import Vignette
  import VignetteFiles
  import VignetteServer
  import VignetteTestSupport

  /// The shapes that each API's clients send and expect.
  @Suite(.serialized) struct APITests {
    static func chat(_ more: JSONObject = [:]) throws -> JSONValue {
      var json: JSONObject = [
        "model": "tiny",
        "messages": [
          ["role": "system", "content": "You describe images."],
          [
            "role": "user",
            "content": [
              ["type": "text", "text": "What is this?"],
              [
                "type": "image_url",
                "image_url": [
                  "url": .string("data:image/png;base64,\(try TestedServer.base64)"), "detail": "low",
                ],
              ],
            ],
          ],
        ],
      ]
      for (key, value) in more { json[key] = value }
      return .object(json)
    }

    // MARK: Hugging Face

    @Test func huggingFace() async throws {
      let caption = try await TestedServer.caption()
      try await TestedServer.run { (server: TestedServer) async throws in
        let bytes = try TestedServer.bytes
        let list: JSONValue = [["generated_text": .string(caption.text)]]
        for path in ["/", "/models/tiny"] {
          let answer = try await server.post(path, bytes, headers: [("User-Agent", "x; hf_hub/1.0")])
          #expect(answer.status == 200)
          #expect(try answer.json == list)
        }
        let script = try await server.post(
          "/", bytes, headers: [("User-Agent", "@huggingface/inference/3.0")])
        #expect(try script.json == ["generated_text": .string(caption.text)])
        #expect(try await server.post("/?shape=object", bytes).json["generated_text"] != nil)

        let json = try await server.post(
          "/", ["inputs": .string(try TestedServer.base64), "parameters": ["max_new_tokens": 3]])
        let short = try await TestedServer.caption(GenerationOptions(maxNewTokens: 3))
        #expect(try json.json == [["generated_text": .string(short.text)]])
        let nested = try await server.post(
          "/",
          [
            "inputs": .string(try TestedServer.base64),
            "parameters": [
              "generation_parameters": ["num_beams": 2, "max_new_tokens": 3, "use_cache": true]
            ],
          ])
        let beams = try await TestedServer.caption(GenerationOptions(maxNewTokens: 3, numBeams: 2))
        #expect(try nested.json == [["generated_text": .string(beams.text)]])
      }
    }

    @Test func huggingFaceErrors() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let noImage = try await server.post("/", Data("no image".utf8))
        #expect(noImage.status == 400)
        #expect(try noImage.json["error"]?.asString?.contains("not an image") == true)
        #expect(noImage.headers.first(name: "X-Error-Message")?.contains("not an image") == true)
        #expect(try await server.post("/", Data()).status == 400)
        let unknown = try await server.post("/models/other/name", TestedServer.bytes)
        #expect(unknown.status == 404)
        #expect(unknown.text.contains("other/name") && unknown.text.contains("tiny"))
        let field = try await server.post(
          "/", ["inputs": .string(try TestedServer.base64), "parameters": ["penalty_alpha": 0.6]])
        #expect(field.status == 400 && field.text.contains("penalty_alpha"))
        let value = try await server.post(
          "/", ["inputs": .string(try TestedServer.base64), "parameters": ["num_beams": 0]])
        #expect(value.status == 400 && value.text.contains("num_beams"))
        let length = try await server.post(
          "/", ["inputs": .string(try TestedServer.base64), "parameters": ["max_new_tokens": 1_000_000]])
        #expect(length.status == 400 && length.text.contains("max_new_tokens"))
        #expect(try await server.post("/", Data("{\"inputs\": 1}".utf8)).status == 400)
        #expect(try await server.post("/", Data("{".utf8)).status == 400)
      }
    }

    // MARK: OpenAI

    @Test func openAIChat() async throws {
      let caption = try await TestedServer.caption()
      try await TestedServer.run { (server: TestedServer) async throws in
        let json = try await server.post("/v1/chat/completions", Self.chat()).json
        #expect(json["object"] == "chat.completion" && json["model"] == "tiny")
        #expect(json["id"]?.asString?.hasPrefix("chatcmpl-") == true)
        let choice = try #require(json["choices"]?.asArray?.first)
        #expect(choice["message"]?["content"] == .string(caption.text))
        #expect(choice["message"]?["role"] == "assistant")
        #expect(choice["finish_reason"] == "length" && choice["logprobs"] == JSONValue.null)
        let usage = try #require(json["usage"])
        #expect(usage["completion_tokens"] == 6 && usage["total_tokens"] == 7)
      }
    }

    @Test func openAIChatOptions() async throws {
      let three = GenerationOptions(maxNewTokens: 6, numBeams: 3, numReturnSequences: 3)
      let captioner = try await Captioner(modelAt: TestedServer.folder)
      let captions = try await captioner.captions(of: TestedServer.scene, generation: three)
      try await TestedServer.run { (server: TestedServer) async throws in
        let json = try await server.post(
          "/v1/chat/completions",
          Self.chat(["n": 3, "logprobs": true, "top_logprobs": 2, "user": "me", "frequency_penalty": 0])
        ).json
        let choices = try #require(json["choices"]?.asArray)
        #expect(choices.map { $0["message"]?["content"] } == captions.map { .string($0.text) })
        let tokens = try #require(choices[0]["logprobs"]?["content"]?.asArray)
        #expect(tokens.count == captions[0].tokenLogProbabilities.count)
        for (token, expected) in zip(tokens, captions[0].tokenLogProbabilities) {
          let logProbability = try #require(token["logprob"]?.asNumber)
          #expect(abs(logProbability - Double(expected)) < 1e-5)
          let likeliest = try #require(token["top_logprobs"]?.asArray)
          #expect(likeliest.count == 2)
          let (first, second) = (
            likeliest[0]["logprob"]?.asNumber ?? .nan, likeliest[1]["logprob"]?.asNumber ?? .nan
          )
          #expect(first >= second && first >= logProbability - 1e-5)
          let bytes = try #require(token["bytes"]?.asArray).compactMap(\.asInt)
          #expect(String(decoding: bytes.map { UInt8($0) }, as: UTF8.self) == token["token"]?.asString)
        }
        // Where greedy search is meant, the likeliest is what was taken.
        let greedy = try await server.post(
          "/v1/chat/completions", Self.chat(["logprobs": true, "top_logprobs": 1, "temperature": 0])
        ).json
        for token in try #require(greedy["choices"]?.asArray?.first?["logprobs"]?["content"]?.asArray) {
          #expect(token["top_logprobs"]?.asArray?.first?["token"] == token["token"])
        }
        let text = captions[0].text
        let stop = String(text.dropFirst(text.count / 2).prefix(3))
        let cut = try await server.post(
          "/v1/chat/completions", Self.chat(["num_beams": 3, "stop": [.string(stop)]])
        ).json["choices"]?.asArray?.first
        #expect(cut?["finish_reason"] == "stop")
        #expect(cut?["message"]?["content"]?.asString?.contains(stop) == false)
      }
    }

    @Test func openAIChatStream() async throws {
      let caption = try await TestedServer.caption()
      try await TestedServer.run { (server: TestedServer) async throws in
        let answer = try await server.post(
          "/v1/chat/completions",
          Self.chat(["stream": true, "stream_options": ["include_usage": true], "logprobs": true]))
        #expect(answer.status == 200)
        #expect(answer.headers.first(name: "Content-Type")?.hasPrefix("text/event-stream") == true)
        #expect(answer.text.hasSuffix("data: [DONE]\n\n"))
        let events = try answer.events
        let choices = events.compactMap { $0["choices"]?.asArray?.first }
        #expect(choices.first?["delta"]?["role"] == "assistant")
        #expect(choices.compactMap { $0["delta"]?["content"]?.asString }.joined() == caption.text)
        #expect(choices.filter { ($0["delta"]?["content"]?.asString ?? "") != "" }.count > 1)
        #expect(choices.last?["finish_reason"] == "length" && choices.last?["delta"] == [:])
        #expect(choices.compactMap { $0["logprobs"]?["content"]?.asArray?.count }.reduce(0, +) == 6)
        #expect(events.last?["choices"] == [] && events.last?["usage"]?["completion_tokens"] == 6)
        #expect(Set(events.compactMap { $0["id"]?.asString }).count == 1)

        // Beams have no tokens before their end.
        let beams = try await server.post(
          "/v1/chat/completions", Self.chat(["stream": true, "n": 2, "num_beams": 2]))
        let both = try beams.events.compactMap { $0["choices"]?.asArray?.first }
        #expect(Set(both.compactMap { $0["index"]?.asInt }) == [0, 1])

        let stop = String(caption.text.dropFirst(caption.text.count / 2).prefix(3))
        let cut = try await server.post(
          "/v1/chat/completions", Self.chat(["stream": true, "stop": .string(stop)]))
        let text = try cut.events.compactMap {
          $0["choices"]?.asArray?.first?["delta"]?["content"]?.asString
        }.joined()
        #expect(!text.contains(stop) && caption.text.hasPrefix(text))
      }
    }

    @Test func openAIErrors() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        func error(_ json: JSONValue) async throws -> (Int, JSONValue) {
          let answer = try await server.post("/v1/chat/completions", json)
          return (answer.status, try #require(try answer.json["error"]))
        }
        var (status, body) = try await error(Self.chat(["model": "gpt"]))
        #expect(status == 404 && body["code"] == "model_not_found" && body["param"] == "model")
        #expect(body["type"] == "invalid_request_error")
        (status, body) = try await error(Self.chat(["presence_penalty": 0.5]))
        #expect(status == 400 && body["param"] == "presence_penalty")
        (status, body) = try await error(Self.chat(["whatever": 1]))
        #expect(status == 400 && body["param"] == "whatever")
        (status, body) = try await error(["messages": [["role": "user", "content": "hello"]]])
        #expect(status == 400 && body["message"]?.asString?.contains("no image") == true)
        let address: JSONValue = [
          "messages": [
            [
              "role": "user",
              "content": [["type": "image_url", "image_url": ["url": "https://example.org/a.png"]]],
            ]
          ]
        ]
        (status, body) = try await error(address)
        #expect(status == 400 && body["code"] == "urls_not_allowed")
        (status, body) = try await error(Self.chat(["temperature": -1]))
        #expect(status == 400 && body["param"] == "temperature")
        (status, body) = try await error(Self.chat(["num_beams": 500]))
        #expect(status == 400 && body["param"] == "num_beams")
        // Known before the stream begins.
        (status, body) = try await error(Self.chat(["stream": true, "max_tokens": 1_000_000]))
        #expect(status == 400 && body["param"] == "max_new_tokens")
      }
    }

    private static func response(_ more: JSONObject = [:]) throws -> JSONValue {
      var json: JSONObject = [
        "model": "tiny",
        "input": [
          [
            "role": "user",
            "content": [
              ["type": "input_text", "text": "What is this?"],
              [
                "type": "input_image",
                "image_url": .string("data:image/png;base64,\(try TestedServer.base64)"),
                "detail": "low",
              ],
            ],
          ]
        ],
      ]
      for (key, value) in more { json[key] = value }
      return .object(json)
    }

    @Test func openAIResponses() async throws {
      let caption = try await TestedServer.caption()
      try await TestedServer.run { (server: TestedServer) async throws in
        let json = try await server.post("/v1/responses", Self.response()).json
        #expect(json["object"] == "response" && json["status"] == "incomplete")
        #expect(json["incomplete_details"]?["reason"] == "max_output_tokens")
        let part = try #require(json["output"]?.asArray?.first?["content"]?.asArray?.first)
        #expect(part["type"] == "output_text" && part["text"] == .string(caption.text))

        let events = try await server.post("/v1/responses", Self.response(["stream": true])).events
        #expect(events.map { $0["sequence_number"]?.asInt } == Array(0..<events.count))
        let types = events.compactMap { $0["type"]?.asString }
        #expect(
          types.filter { $0 != "response.output_text.delta" } == [
            "response.created", "response.in_progress", "response.output_item.added",
            "response.content_part.added", "response.output_text.done", "response.content_part.done",
            "response.output_item.done", "response.incomplete",
          ])
        #expect(events.compactMap { $0["delta"]?.asString }.joined() == caption.text)
        let last = try #require(events.last?["response"])
        #expect(last["output"]?.asArray?.first?["content"]?.asArray?.first?["text"] == .string(caption.text))

        let refused = try await server.post(
          "/v1/responses", Self.response(["tools": [["type": "web_search"]]]))
        #expect(refused.status == 400)
        #expect(try refused.json["error"]?["param"] == "tools")
      }
    }

    @Test func models() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let list = try await server.get("/v1/models").json
        #expect(list["object"] == "list")
        let model = try #require(list["data"]?.asArray?.first)
        #expect(model["id"] == "tiny" && model["object"] == "model" && model["created"]?.asInt != nil)
        #expect(try await server.get("/v1/models/tiny").json == model)
        #expect(try await server.get("/v1/models/other").status == 404)
      }
    }

    // MARK: Ollama

    @Test func ollama() async throws {
      let caption = try await TestedServer.caption()
      try await TestedServer.run { (server: TestedServer) async throws in
        let request: JSONObject = [
          "model": "tiny:latest", "prompt": "Create a caption with exactly one sentence.",
          "images": [.string(try TestedServer.base64)], "options": ["num_ctx": 4096, "num_predict": -1],
        ]
        let lines = try await server.post("/api/generate", .object(request))
        #expect(lines.headers.first(name: "Content-Type") == "application/x-ndjson")
        let parts = try lines.events
        #expect(parts.compactMap { $0["response"]?.asString }.joined() == caption.text)
        #expect(parts.count > 2 && parts.dropLast().allSatisfy { $0["done"] == false })
        #expect(parts.last?["done"] == true && parts.last?["done_reason"] == "length")
        #expect(parts.last?["eval_count"] == 6 && parts.last?["context"] == [])

        var whole = request
        whole["stream"] = false
        whole["options"] = ["num_predict": 3, "temperature": 0, "repeat_penalty": 1.0, "top_k": 40]
        let short = try await TestedServer.caption(GenerationOptions(maxNewTokens: 3))
        let json = try await server.post("/api/generate", .object(whole)).json
        #expect(json["response"] == .string(short.text) && json["done"] == true)
        #expect(json["created_at"]?.asString?.hasSuffix("Z") == true && json["model"] == "tiny")

        let chat: JSONObject = [
          "model": "tiny", "stream": false,
          "messages": [
            ["role": "user", "content": "caption", "images": [.string(try TestedServer.base64)]]
          ],
        ]
        let message = try await server.post("/api/chat", .object(chat)).json["message"]
        #expect(message == ["role": "assistant", "content": .string(caption.text)])

        let load = try await server.post("/api/generate", ["model": "tiny"]).json
        #expect(load["done_reason"] == "load" && load["response"] == "")
        #expect(try await server.get("/api/ps").json["models"]?.asArray?.first?["name"] == "tiny")
        #expect(try await server.get("/api/tags").json["models"]?.asArray?.first?["model"] == "tiny")
        #expect(try await server.get("/api/version").json == ["version": "1.2.3"])
        let shown = try await server.post("/api/show", ["model": "tiny"]).json
        #expect(shown["capabilities"] == ["completion", "vision"])

        let error = try await server.post("/api/generate", ["model": "other", "prompt": "hi"])
        #expect(error.status == 400)
        #expect(try error.json["error"]?.asString?.contains("no image") == true)
        let unread = try await server.post("/api/generate", ["model": "tiny", "images": ["bm8gaW1hZ2U="]])
        #expect(unread.status == 400)
      }
    }

    // MARK: Its own

    static func multipart(_ parts: [(head: String, content: Data)]) -> (type: String, body: Data) {
      var body = Data("ignored preamble\r\n".utf8)
      for part in parts {
        body += Data("--frontier\r\nContent-Disposition: form-data; \(part.head)\r\n\r\n".utf8)
        body += part.content + Data("\r\n".utf8)
      }
      return ("multipart/form-data; boundary=\"frontier\"", body + Data("--frontier--\r\n".utf8))
    }

    @Test func own() async throws {
      let captioner = try await Captioner(modelAt: TestedServer.folder)
      let two = GenerationOptions(maxNewTokens: 6, numBeams: 2, numReturnSequences: 2)
      let captions = try await captioner.captions(of: TestedServer.scene, generation: two)
      try await TestedServer.run { (server: TestedServer) async throws in
        let (type, body) = Self.multipart([
          ("name=\"image\"; filename=\"a \\\"b\\\".png\"\r\nContent-Type: image/png", try TestedServer.bytes),
          ("name=\"num_beams\"", Data("2".utf8)),
          ("name=\"image\"; filename=\"notes.txt\"", Data("no image".utf8)),
          ("name=\"num_return_sequences\"", Data("2".utf8)),
        ])
        let answer = try await server.post(
          "/api/v1/caption?num_beams=5", body, headers: [("Content-Type", type)])
        #expect(answer.status == 200)
        let results = try #require(try answer.json["results"]?.asArray)
        #expect(results.map { $0["name"] } == ["a \"b\".png", "notes.txt"])
        let found = try #require(results[0]["captions"]?.asArray)
        #expect(found.map { $0["text"] } == captions.map { .string($0.text) })
        let score = try #require(found[0]["score"]?.asNumber)
        let expectedScore = Double(try #require(captions[0].score))
        #expect(abs(score - expectedScore) < 1e-5)
        let tokens = try #require(found[0]["tokens"]?.asArray)
        #expect(tokens.compactMap { $0["text"]?.asString }.joined() == captions[0].text)
        #expect(tokens.compactMap { $0["id"]?.asInt } == Array(captions[0].tokenIDs.dropFirst()))
        #expect(results[1]["error"]?["code"] == "unreadable_image")

        let raw = try await server.post(
          "/api/v1/caption?max_new_tokens=3&top_log_probabilities=2", TestedServer.bytes)
        let alternatives = try raw.json["results"]?.asArray?[0]["captions"]?.asArray?[0]["tokens"]?.asArray?
          .compactMap { $0["alternatives"]?.asArray?.count }
        #expect(alternatives == [2, 2, 2])
        let attended = try await server.post("/api/v1/caption?attention=layers", TestedServer.bytes)
        let seen = try attended.json["results"]?.asArray?[0]["captions"]?.asArray?[0]["attention"]
        let (rows, columns) = (seen?["rows"]?.asInt ?? 0, seen?["columns"]?.asInt ?? 0)
        let words = try #require(seen?["words"]?.asArray)
        #expect(!words.isEmpty && rows * columns > 0)
        for word in words {
          #expect(word["weights"]?.asArray?.count == rows * columns)
          #expect(word["layers"]?.asArray?.isEmpty == false)
        }
        let json = try await server.post(
          "/api/v1/caption", ["images": [.string(try TestedServer.base64)], "max_new_tokens": 3])
        #expect(!json.text.contains("attention"))
        #expect(try json.json["results"]?.asArray?.count == 1)
      }
    }

    @Test func ownStream() async throws {
      let caption = try await TestedServer.caption()
      try await TestedServer.run { (server: TestedServer) async throws in
        let (type, body) = Self.multipart([
          ("name=image; filename=a.png", try TestedServer.bytes),
          ("name=image; filename=b.txt", Data("no".utf8)), ("name=stream", Data("true".utf8)),
        ])
        let answer = try await server.post("/api/v1/caption", body, headers: [("Content-Type", type)])
        let names = answer.text.split(separator: "\n").filter { $0.hasPrefix("event: ") }.map {
          $0.dropFirst("event: ".count)
        }
        #expect(
          names.filter { $0 != "token" } == ["start", "caption", "start", "error", "done"])
        let texts = try answer.events.compactMap { $0["token"]?["text"]?.asString }
        #expect(texts.joined() == caption.text && texts.count == 6)

        // What is wrong with the only image is known before the stream begins.
        let wrong = try await server.post(
          "/api/v1/caption", Data("no image".utf8), headers: [("Accept", "text/event-stream")])
        #expect(wrong.status == 400)
        #expect(try wrong.json["error"]?["code"] == "unreadable_image")
      }
    }

    @Test(arguments: [
      ("?whatever=1", 400, "whatever"), ("?num_beams=many", 400, "num_beams"),
      ("?attention=some", 400, "attention"), ("?model=other", 404, "other"), ("?stream=maybe", 400, "stream"),
      ("?num_return_sequences=3", 400, "num_return_sequences"), ("?num_beams=17", 400, "num_beams"),
    ])
    func ownErrors(query: String, status: Int, word: String) async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        let answer = try await server.post("/api/v1/caption\(query)", TestedServer.bytes)
        #expect(answer.status == status)
        #expect(try answer.json["error"]?["message"]?.asString?.contains(word) == true)
      }
    }

    @Test func damagedMultipart() async throws {
      try await TestedServer.run { (server: TestedServer) async throws in
        for (type, text) in [
          ("multipart/form-data", "--a--"), ("multipart/form-data; boundary=a", "nothing"),
          ("multipart/form-data; boundary=a", "--a\r\nContent-Disposition: form-data; name=image"),
          (
            "multipart/form-data; boundary=a",
            "--a\r\nContent-Disposition: form-data; name=image\r\n\r\nbytes"
          ),
          ("multipart/form-data; boundary=a", "--a--\r\n"),
        ] {
          let answer = try await server.post(
            "/api/v1/caption", Data(text.utf8), headers: [("Content-Type", type)])
          #expect(answer.status == 400, "\(text)")
        }
      }
    }
  }
#endif
