import Foundation
import Vignette
import VignetteImages
import VignetteServer

extension Target {
  #if Network
    /// Requests, which all get captions of one small image.
    static let serverTargets: [Target] = [
      Target(name: "request", seeds: { _ in requests }) { _, sample in
        func text(_ name: String) -> String {
          String(decoding: sample.files.first { $0.name == name }?.bytes ?? [], as: UTF8.self)
        }
        let problem: String?
        do {
          problem = try await reading.value.problem(
            of: sample.files.first { $0.name == "body" }?.bytes ?? [], by: text("api"),
            contentType: text("type"), query: text("query"), image: .image(scene))
        } catch {
          fatalError("an error that no client is told: \(error)")
        }
        if let problem { throw Refusal(description: problem) }
      }
    ]

    private static let reading = Task {
      RequestReading(try await Captioner(modelAt: Seeds.url("models/vit-gpt2")))
    }
    private static let scene = RGBImage(width: 4, height: 3, pixels: (0..<36).map { UInt8($0 * 7) })

    private struct Refusal: Error, CustomStringConvertible {
      let description: String
    }

    private static var requests: [Sample] {
      let form = """
        --b\r\nContent-Disposition: form-data; name="images"; filename="a \\"b\\".png"\r\nContent-Type: image/png\r\n\r\n\
        \u{1}PNG\r\n--b\r\nContent-Disposition: form-data; name=num_beams\r\n\r\n3\r\n--b\r\n\
        Content-Disposition: form-data; name="attention"\r\n\r\nlayers\r\n--b--\r\n
        """
      let json = "application/json"
      let all: [(api: String, type: String, query: String, body: String)] = [
        ("huggingface", json, "shape=object", "{\"inputs\": \"aGk=\", \"parameters\": {\(generation)}}"),
        (
          "huggingface", json, "",
          "{\"inputs\": \"aGk=\", \"parameters\": {\"generate_kwargs\": {\"top_k\": 3}}}"
        ),
        ("huggingface", "image/png", "", "\u{1}PNG"),
        ("openai-chat", json, "", chat), ("openai-responses", json, "", responses),
        ("ollama-generate", json, "", generate), ("ollama-chat", json, "", ollamaChat),
        ("own", "multipart/form-data; boundary=b", "stream=true", form),
        (
          "own", json, "",
          "{\"images\": [\"aGk=\"], \"model\": \"m\", \"attention\": \"layers\", \(generation)}"
        ),
        (
          "own", "image/png",
          "num_beams=4&top_log_probabilities=2&eos_token_id=1&sequence_bias=%5B%5D&a%zz=b+c", "x"
        ),
      ]
      return all.map { request in
        let files = [
          ("api", request.api), ("type", request.type), ("query", request.query), ("body", request.body),
        ]
        return Sample(files.map { ($0.0, Array($0.1.utf8)) })
      }
    }

    private static let generation = """
      "num_beams": 4, "length_penalty": 1.5, "eos_token_id": [1, 2], "bad_words_ids": [[3, 4]], "do_sample": true, \
      "sequence_bias": [[[5], 1.0]], "forced_eos_token_id": 3, "suppress_tokens": [1], "temperature": 0.5, "top_p": 0.9, \
      "exponential_decay_length_penalty": [3, 1.1], "stop_strings": ["."], "max_time": 1.0, "early_stopping": "never", \
      "seed": 3
      """
    private static let chat = """
      {"model": "m", "messages": [{"role": "system", "content": "x"}, {"role": "user", "content": [{"type": "text", "text": \
      "what?"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]}], "max_tokens": 9, "n": 2, \
      "temperature": 0, "stop": ["a", "b"], "logprobs": true, "top_logprobs": 2, "stream": true, "seed": -1, \
      "stream_options": {"include_usage": true}, "logit_bias": {"5": -1.5}, "response_format": {"type": "text"}}
      """
    private static let responses = """
      {"model": "m", "input": [{"role": "user", "content": [{"type": "input_text", "text": "what?"}, {"type": "input_image", \
      "image_url": "data:image/png;base64,aGk="}]}], "max_output_tokens": 9, "temperature": 1, "stream": true, \
      "include": ["message.output_text.logprobs"], "top_logprobs": 2, "text": {"format": {"type": "text"}}}
      """
    private static let generate = """
      {"model": "m:latest", "prompt": "a", "images": ["aGk="], "stream": false, "keep_alive": "5m", "logprobs": true, \
      "top_logprobs": 1, "options": {"num_predict": 5, "temperature": 0.1, "stop": ".", "repeat_penalty": 1.1, "seed": 1}}
      """
    private static let ollamaChat = """
      {"model": "m", "messages": [{"role": "user", "content": "a", "images": ["aGk="]}], "keep_alive": 0, "tools": []}
      """
  #else
    static let serverTargets: [Target] = []
  #endif
}
