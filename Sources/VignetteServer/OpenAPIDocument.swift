#if Network
  import Vignette
  import VignetteFiles
  import VignetteModels

  /// The description of what is served, as generators of clients read it (OpenAPI 3.1).
  struct OpenAPIDocument {
    let json: JSONValue

    init(_ options: ServerOptions, version: String) {
      var document: JSONObject = [
        "openapi": "3.1.0",
        "info": [
          "title": "Vignette", "version": .string(version),
          "description": "Captions of images, by several APIs that clients know.",
          "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
        ],
        "servers": [["url": "/"]], "paths": .object(Self.paths),
        "components": .object(Self.components),
      ]
      if options.apiKey != nil { document["security"] = [["key": []]] }
      json = .object(document)
    }

    // MARK: Paths

    private static var paths: JSONObject {
      var paths: JSONObject = [:]
      paths["/api/v1/caption"] = [
        "post": .object(
          operation(
            "caption", "Captions of one or several images", parameters: ownParameters,
            content: [
              "multipart/form-data": schema("CaptionForm"), "application/json": schema("CaptionRequest"),
              "image/*": ["schema": ["type": "string", "format": "binary"]],
            ],
            responses: [
              "application/json": schema("CaptionResponse"),
              "text/event-stream": ["schema": ["type": "string"]],
            ]))
      ]
      paths["/"] = ["post": .object(huggingFace("captionByDefaultModel", path: []))]
      paths["/models/{model}"] = [
        "post": .object(
          huggingFace(
            "captionByModel",
            path: [["name": "model", "in": "path", "required": true, "schema": ["type": "string"]]]))
      ]
      paths["/v1/chat/completions"] = jsonPost(
        "createChatCompletion", "OpenAI's chat completions with an image", "ChatRequest", "ChatCompletion",
        stream: "text/event-stream", error: "OpenAIError")
      paths["/v1/responses"] = jsonPost(
        "createResponse", "OpenAI's responses with an image", "ResponsesRequest", "Response",
        stream: "text/event-stream", error: "OpenAIError")
      paths["/v1/models"] = get("listModels", "The models that are served", "ModelList")
      paths["/api/generate"] = jsonPost(
        "ollamaGenerate", "Ollama's generate with an image", "OllamaGenerate", "OllamaAnswer",
        stream: "application/x-ndjson", error: "TextError")
      paths["/api/chat"] = jsonPost(
        "ollamaChat", "Ollama's chat with an image", "OllamaChat", "OllamaAnswer",
        stream: "application/x-ndjson", error: "TextError")
      paths["/api/tags"] = get("ollamaTags", "The models that are served, as Ollama lists them", "Object")
      paths["/api/ps"] = get("ollamaRunning", "The models that are loaded, as Ollama lists them", "Object")
      paths["/api/version"] = get("ollamaVersion", "The server's version", "Object")
      paths["/api/show"] = jsonPost(
        "ollamaShow", "A model, as Ollama shows it", "OllamaShow", "Object", stream: nil, error: "TextError")
      paths["/api/v1/info"] = get("info", "The server, its models and limits", "Object")
      paths["/health/live"] = get("live", "Whether the server lives", "Status")
      paths["/health/ready"] = get("ready", "Whether the server takes requests", "Status", failing: "503")
      paths["/metrics"] = [
        "get": .object(
          operation(
            "metrics", "Measures, as Prometheus reads them", content: nil,
            responses: ["text/plain": ["schema": ["type": "string"]]]))
      ]
      paths["/openapi.json"] = get("openapi", "This description", "Object")
      return paths
    }

    private static func huggingFace(_ id: String, path: [JSONValue]) -> JSONObject {
      let shape: JSONValue = [
        "name": "shape", "in": "query",
        "description":
          "Whether the answer is a list, as Python's client takes it, or an object, as JavaScript's does.",
        "schema": ["type": "string", "enum": ["list", "object"]],
      ]
      return operation(
        id, "Hugging Face's inference API, task image-to-text", parameters: path + [shape],
        content: [
          "application/octet-stream": ["schema": ["type": "string", "format": "binary"]],
          "application/json": schema("ImageToTextRequest"),
        ], responses: ["application/json": schema("ImageToTextAnswer")], error: "TextError")
    }

    private static func jsonPost(
      _ id: String, _ summary: String, _ request: String, _ answer: String, stream: String?, error: String
    ) -> JSONValue {
      var responses: JSONObject = ["application/json": schema(answer)]
      if let stream { responses[stream] = ["schema": ["type": "string"]] }
      return [
        "post": .object(
          operation(
            id, summary, content: ["application/json": schema(request)], responses: responses, error: error))
      ]
    }

    private static func get(
      _ id: String, _ summary: String, _ answer: String, failing: String? = nil
    ) -> JSONValue {
      var operation = operation(
        id, summary, content: nil, responses: ["application/json": schema(answer)], error: "TextError")
      if let failing, var responses = operation["responses"]?.asObject {
        responses[failing] = ["description": "It isn't.", "content": ["application/json": schema(answer)]]
        operation["responses"] = .object(responses)
      }
      return ["get": .object(operation)]
    }

    private static func operation(
      _ id: String, _ summary: String, parameters: [JSONValue] = [], content: JSONObject?,
      responses: JSONObject, error: String = "OwnError"
    ) -> JSONObject {
      var operation: JSONObject = ["operationId": .string(id), "summary": .string(summary)]
      if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
      if let content { operation["requestBody"] = ["required": true, "content": .object(content)] }
      operation["responses"] = [
        "200": ["description": "Done.", "content": .object(responses)],
        "default": [
          "description": "It can't be done; the status says why. 429 and 503 come with Retry-After.",
          "content": ["application/json": schema(error)],
        ],
      ]
      return operation
    }

    private static func schema(_ name: String) -> JSONValue { ["schema": reference(name)] }

    private static func reference(_ name: String) -> JSONValue {
      ["$ref": .string("#/components/schemas/\(name)")]
    }

    private static var ownParameters: [JSONValue] {
      let own: [(String, String, JSONValue)] = [
        ("model", "A model's name; the first one that is served where it is absent.", ["type": "string"]),
        ("stream", "Whether words come as they are found.", ["type": "boolean"]),
        (
          "attention",
          "Whether the answer has the words' attention to the image, by layer too. A weight for each token, layer and part "
            + "of an image; a request for more than \(ServerLimits().attentionWeights) is refused.",
          ["type": "string", "enum": ["true", "false", "layers"]]
        ),
        (
          "top_log_probabilities", "Number of likeliest tokens to tell in each position.",
          ["type": "integer"]
        ),
      ]
      let options = GenerationOptions.optionFields.map { field in
        (field.name, RequestError.spelled(field.help), type(of: field.name))
      }
      return (own + options).map { name, help, schema in
        ["name": .string(name), "in": "query", "description": .string(help), "schema": schema]
      }
    }

    // MARK: Schemas

    /// A generation option's type, by what the checkpoint's file has under its name.
    private static func type(of option: String) -> JSONValue {
      switch option {
      case "do_sample", "renormalize_logits": ["type": "boolean"]
      case "early_stopping": ["type": ["boolean", "string"]]
      case "prompt": ["type": "string"]
      case "stop_strings": ["type": ["string", "array"], "items": ["type": "string"]]
      case "exponential_decay_length_penalty": ["type": "array", "items": ["type": "number"]]
      default:
        option.hasPrefix("max_") && option != "max_time" || option.hasPrefix("min_") && option != "min_p"
          || ["seed", "top_k", "num_beams", "num_return_sequences", "no_repeat_ngram_size"].contains(option)
          ? ["type": "integer"] : ["type": "number"]
      }
    }

    private static var generation: JSONObject {
      JSONObject(GenerationOptions.optionFields.map { ($0.name, type(of: $0.name)) })
    }

    private static var components: JSONObject {
      [
        "securitySchemes": ["key": ["type": "http", "scheme": "bearer"]],
        "schemas": .object(schemas),
      ]
    }

    private static let text: JSONValue = ["type": "string"]
    private static let number: JSONValue = ["type": "number"]
    private static let integer: JSONValue = ["type": "integer"]
    private static let flag: JSONValue = ["type": "boolean"]
    private static let image: JSONValue = [
      "type": "string", "description": "base64, a data: URL, or a web address where the server allows it.",
    ]

    private static func object(_ properties: JSONObject, required: [String] = []) -> JSONValue {
      var json: JSONObject = ["type": "object", "properties": .object(properties)]
      if !required.isEmpty { json["required"] = .array(required.map { .string($0) }) }
      return .object(json)
    }

    private static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    private static func with(_ properties: JSONObject, _ more: JSONObject) -> JSONObject {
      var all = properties
      for (key, value) in more { all[key] = value }
      return all
    }

    private static var schemas: JSONObject {
      var schemas: JSONObject = ["Object": ["type": "object"], "Status": object(["status": text])]
      for part in [ownSchemas, openAISchemas, otherSchemas] {
        for (name, schema) in part { schemas[name] = schema }
      }
      return schemas
    }

    private static var ownSchemas: JSONObject {
      let options = with(
        generation,
        [
          "model": text, "stream": flag, "attention": ["type": ["boolean", "string"]],
          "top_log_probabilities": integer,
        ])
      return [
        "CaptionRequest": object(with(options, ["images": list(image)]), required: ["images"]),
        "CaptionForm": object(
          with(options, ["image": list(["type": "string", "format": "binary"])]), required: ["image"]),
        "CaptionResponse": object(
          ["model": text, "results": list(reference("CaptionResult"))], required: ["model", "results"]),
        "CaptionResult": object(
          [
            "index": integer, "name": text, "width": integer, "height": integer,
            "captions": list(reference("Caption")), "error": reference("Fault"),
          ], required: ["index"]),
        "Caption": object(
          [
            "text": text, "score": number, "log_probability": number, "is_cut_off": flag,
            "tokens": list(reference("Token")), "attention": reference("Attention"),
          ], required: ["text", "log_probability", "is_cut_off", "tokens"]),
        "Token": object(
          ["id": integer, "text": text, "log_probability": number], required: ["id", "text"]),
        "Attention": object([
          "rows": integer, "columns": integer,
          "crop": object(["x": number, "y": number, "width": number, "height": number]),
          "words": list(
            object([
              "text": text, "first_token": integer, "token_count": integer, "weights": list(number),
              "layers": list(list(number)),
            ])),
        ]),
        "Fault": object(["code": text, "message": text, "field": text], required: ["code", "message"]),
        "OwnError": object(["error": reference("Fault")], required: ["error"]),
      ]
    }

    private static var openAISchemas: JSONObject {
      let message = object(
        [
          "role": text,
          "content": ["oneOf": [text, list(["type": "object"])]],
        ], required: ["role", "content"])
      return [
        "ChatRequest": object(
          with(
            generation,
            [
              "model": text, "messages": list(message), "max_tokens": integer,
              "max_completion_tokens": integer, "n": integer, "temperature": number, "top_p": number,
              "seed": integer, "stop": ["oneOf": [text, list(text)]], "logprobs": flag,
              "top_logprobs": integer, "stream": flag, "stream_options": object(["include_usage": flag]),
              "logit_bias": ["type": "object", "additionalProperties": number],
            ]), required: ["messages"]),
        "ChatCompletion": object(
          [
            "id": text, "object": text, "created": integer, "model": text, "system_fingerprint": text,
            "choices": list(
              object([
                "index": integer, "finish_reason": text, "message": ["type": "object"],
                "logprobs": ["type": ["object", "null"]],
              ])), "usage": ["type": "object"],
          ], required: ["id", "choices"]),
        "ResponsesRequest": object(
          with(
            generation,
            [
              "model": text, "input": ["oneOf": [text, list(["type": "object"])]],
              "max_output_tokens": integer, "temperature": number, "top_p": number,
              "top_logprobs": integer, "include": list(text), "stream": flag,
            ]), required: ["input"]),
        "Response": object(
          [
            "id": text, "object": text, "created_at": integer, "status": text, "model": text,
            "output": list(["type": "object"]), "usage": ["type": ["object", "null"]],
          ], required: ["id", "output"]),
        "ModelList": object([
          "object": text,
          "data": list(object(["id": text, "object": text, "created": integer, "owned_by": text])),
        ]),
        "OpenAIError": object(
          [
            "error": object([
              "message": text, "type": text, "param": ["type": ["string", "null"]],
              "code": ["type": ["string", "null"]],
            ])
          ], required: ["error"]),
      ]
    }

    private static var otherSchemas: JSONObject {
      let answered: JSONObject = [
        "model": text, "stream": flag, "options": ["type": "object"],
        "keep_alive": ["type": ["string", "number"]],
        "logprobs": flag, "top_logprobs": integer,
      ]
      return [
        "ImageToTextRequest": object(
          ["inputs": image, "parameters": object(generation)], required: ["inputs"]),
        "ImageToTextAnswer": [
          "oneOf": [
            list(object(["generated_text": text], required: ["generated_text"])),
            object(["generated_text": text], required: ["generated_text"]),
          ]
        ],
        "OllamaGenerate": object(with(answered, ["prompt": text, "images": list(image)])),
        "OllamaChat": object(
          with(
            answered,
            ["messages": list(object(["role": text, "content": text, "images": list(image)]))]),
          required: ["messages"]),
        "OllamaAnswer": object([
          "model": text, "created_at": text, "response": text, "message": ["type": "object"], "done": flag,
          "done_reason": text, "total_duration": integer, "eval_count": integer,
        ]),
        "OllamaShow": object(["model": text], required: ["model"]),
        "TextError": object(["error": text], required: ["error"]),
      ]
    }
  }
#endif
