import Foundation
import Testing
import Vignette
import VignetteTestSupport

/// A BLIP folder where any other goes.
@Suite struct BLIPCommandTests {
  struct Case: Decodable {
    struct Options: Decodable {
      let numBeams: Int
      let maxLength: Int
      let numReturnSequences: Int?
    }
    let options: Options
    let prompt: String?
    let captions: [String]
  }

  static let folder = Fixture.url("blip/blip")
  static let scene = Fixture.url("blip/blip/scene.png")

  static func cases() throws -> [Case] {
    try Fixture.json([Case].self, "blip/blip/caption.json", fromSnakeCase: true)
  }

  @Test func captionsAreTransformers() throws {
    for expected in try Self.cases() {
      var arguments = [
        "caption", "--model", Self.folder.path, "--num-beams", "\(expected.options.numBeams)", "--max-length",
        "\(expected.options.maxLength)", "--num-return-sequences",
        "\(expected.options.numReturnSequences ?? 1)",
        Self.scene.path,
      ]
      if let prompt = expected.prompt { arguments += ["--prompt", prompt] }
      let run = try Command.run(arguments)
      #expect(run.status == 0 && run.errors == "", "\(run.errors)")
      let captions = expected.captions.map { $0.trimmingCharacters(in: .whitespaces) + "\n" }
      #expect(run.output == captions.joined())
      if let prompt = expected.prompt { #expect(captions.allSatisfy { $0.hasPrefix(prompt) }) }
    }
  }

  @Test func promptsGoTogether() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    for expected in try Self.cases() {
      let options = GenerationOptions(
        maxLength: expected.options.maxLength, numBeams: expected.options.numBeams,
        numReturnSequences: expected.options.numReturnSequences, prompt: expected.prompt)
      let images = [Self.scene, Self.scene, Self.scene]
      for try await result in captioner.captions(of: images, generation: options) {
        let texts = try result.result.get().map(\.text)
        #expect(texts == expected.captions.map { $0.trimmingCharacters(in: .whitespaces) })
      }
    }
  }

  /// The length that nobody asked for is 20 tokens behind the prompt.
  @Test func promptsDontShortenCaptions() async throws {
    let captioner = try await Captioner(modelAt: Self.folder)
    let plain = try await captioner.resolved(GenerationOptions())
    let prompted = try await captioner.resolved(GenerationOptions(prompt: "a red tent"))
    #expect(plain.maxLength == 21 && prompted.maxLength == 24)
    let run = try Command.run([
      "caption", "--model", Self.folder.path, "--prompt", "a red tent", "--min-new-tokens", "20",
      Self.scene.path, Self.scene.path,
    ])
    #expect(
      run.errors == "2 captions were cut off at 20 tokens; --max-new-tokens sets another limit\n",
      "\(run.errors)")
  }

  @Test func promptsMustFit() throws {
    let prompt = [String](repeating: "tent", count: 50).joined(separator: " ")
    let run = try Command.run(["caption", "--model", Self.folder.path, "--prompt", prompt, Self.scene.path])
    #expect(
      run.status == 2
        && run.errors
          == "vignette: --prompt must have at most 40 tokens, as many as the decoder has positions, but has 51\n",
      "\(run.errors)")
  }

  /// Trained with a prompt, measured behind it, and written as a folder that captions.
  @Test func trainsWithAPrompt() throws {
    let folder = try TemporaryFolder()
    for split in ["train", "validation"] {
      let rows = try (0..<4).map { number in
        try folder.write(Data(contentsOf: Self.scene), to: "data/\(split)/\(number).png")
        return #"{"file_name": "\#(number).png", "caption": "stands on a meadow"}"#
      }
      try folder.write(Data(rows.joined(separator: "\n").utf8), to: "data/\(split)/metadata.jsonl")
    }
    let (data, run) = (folder.url.appendingPathComponent("data"), folder.url.appendingPathComponent("run"))
    let trained = try Command.run([
      "train", "--model", Self.folder.path, "--dataset", "imagefolder", "--data-dir", data.path, "--output",
      run.path, "--max-steps", "60", "--learning-rate", "1e-2", "--per-device-train-batch-size", "4",
      "--prompt", "a red tent", "--report-to", "none", "--eval-strategy", "steps", "--eval-steps", "60",
      "--save-strategy", "no", "--gradient-checkpointing",
    ])
    try #require(trained.status == 0, "\(trained.errors)")
    let captioned = try Command.run([
      "caption", "--model", run.path, "--prompt", "A red tent", Self.scene.path,
    ])
    #expect(captioned.output == "a red tent stands on a meadow\n", "\(captioned)")
    // What the prompt gives isn't measured: the rest is the reference, word for word.
    let metrics =
      try JSONSerialization.jsonObject(
        with: Data(contentsOf: run.appendingPathComponent("metrics.json"))) as? [String: Any]
    #expect((metrics?["metrics"] as? [String: Any])?["rouge1"] as? Double == 100, "\(metrics ?? [:])")
    #expect((metrics?["generation"] as? [String: Any])?["prompt"] as? String == "a red tent")
    let evaluated = try Command.run([
      "evaluate", "--model", run.path, "--dataset", "imagefolder", "--data-dir", data.path, "--prompt",
      "a red tent", "--format", "json",
    ])
    let scores = try JSONSerialization.jsonObject(with: Data(evaluated.output.utf8)) as? [String: Any]
    #expect(scores?["rouge1"] as? Double == 100, "\(evaluated)")
    let card = try String(contentsOf: run.appendingPathComponent("README.md"), encoding: .utf8)
    #expect(card.contains("BlipForConditionalGeneration.from_pretrained(folder)"))
  }
}
