import Foundation
import Testing
import Vignette
import VignetteTestSupport

/// Folders of BLIP and GIT where any other goes, with a prompt and without.
@Suite struct PromptedFamilyTests {
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

  /// A whole folder of a family, and what Transformers makes of it.
  struct Family: CustomTestStringConvertible {
    let path: String
    let className: String

    var testDescription: String { path }
    var folder: URL { Fixture.url(path) }
    var scene: URL { folder.appendingPathComponent("scene.png") }

    func cases() throws -> [Case] {
      try Fixture.json([Case].self, "\(path)/caption.json", fromSnakeCase: true)
    }
  }

  static let families = [
    Family(path: "blip/blip", className: "BlipForConditionalGeneration"),
    Family(path: "git/git", className: "GitForCausalLM"),
  ]

  @Test(arguments: families)
  func captionsAreTransformers(family: Family) throws {
    for expected in try family.cases() {
      var arguments = [
        "caption", "--model", family.folder.path, "--num-beams", "\(expected.options.numBeams)",
        "--max-length",
        "\(expected.options.maxLength)", "--num-return-sequences",
        "\(expected.options.numReturnSequences ?? 1)",
        family.scene.path,
      ]
      if let prompt = expected.prompt { arguments += ["--prompt", prompt] }
      let run = try Command.run(arguments)
      #expect(run.status == 0 && run.errors == "", "\(run.errors)")
      let captions = expected.captions.map { $0.trimmingCharacters(in: .whitespaces) + "\n" }
      #expect(run.output == captions.joined())
      if let prompt = expected.prompt { #expect(captions.allSatisfy { $0.hasPrefix(prompt) }) }
    }
  }

  @Test(arguments: families)
  func promptsGoTogether(family: Family) async throws {
    let captioner = try await Captioner(modelAt: family.folder)
    for expected in try family.cases() {
      let options = GenerationOptions(
        maxLength: expected.options.maxLength, numBeams: expected.options.numBeams,
        numReturnSequences: expected.options.numReturnSequences, prompt: expected.prompt)
      let images = [family.scene, family.scene, family.scene]
      for try await result in captioner.captions(of: images, generation: options) {
        let texts = try result.result.get().map(\.text)
        #expect(texts == expected.captions.map { $0.trimmingCharacters(in: .whitespaces) })
      }
    }
  }

  /// The length that nobody asked for is 20 tokens behind the prompt.
  @Test(arguments: families)
  func promptsDontShortenCaptions(family: Family) async throws {
    let captioner = try await Captioner(modelAt: family.folder)
    let plain = try await captioner.resolved(GenerationOptions())
    let prompted = try await captioner.resolved(GenerationOptions(prompt: "a red tent"))
    #expect(plain.maxLength == 21 && prompted.maxLength == 24)
    let run = try Command.run([
      "caption", "--model", family.folder.path, "--prompt", "a red tent", "--min-new-tokens", "20",
      family.scene.path, family.scene.path,
    ])
    #expect(
      run.errors == "2 captions were cut off at 20 tokens; --max-new-tokens sets another limit\n",
      "\(run.errors)")
  }

  @Test(arguments: families)
  func promptsMustFit(family: Family) throws {
    let prompt = [String](repeating: "tent", count: 50).joined(separator: " ")
    let run = try Command.run([
      "caption", "--model", family.folder.path, "--prompt", prompt, family.scene.path,
    ])
    #expect(
      run.status == 2
        && run.errors
          == "vignette: --prompt must have at most 40 tokens with the start token, as many as the decoder has positions, but has 51\n",
      "\(run.errors)")
  }

  /// Trained with a prompt, measured behind it, and written as a folder that captions.
  @Test(arguments: families)
  func trainsWithAPrompt(family: Family) throws {
    let folder = try TemporaryFolder()
    for split in ["train", "validation"] {
      let rows = try (0..<4).map { number in
        try folder.write(Data(contentsOf: family.scene), to: "data/\(split)/\(number).png")
        return #"{"file_name": "\#(number).png", "caption": "stands on a meadow"}"#
      }
      try folder.write(Data(rows.joined(separator: "\n").utf8), to: "data/\(split)/metadata.jsonl")
    }
    let (data, run) = (folder.url.appendingPathComponent("data"), folder.url.appendingPathComponent("run"))
    let trained = try Command.run([
      "train", "--model", family.folder.path, "--dataset", "imagefolder", "--data-dir", data.path, "--output",
      run.path, "--max-steps", "60", "--learning-rate", "1e-2", "--per-device-train-batch-size", "4",
      "--prompt", "a red tent", "--report-to", "none", "--eval-strategy", "steps", "--eval-steps", "60",
      "--save-strategy", "no", "--gradient-checkpointing",
    ])
    try #require(trained.status == 0, "\(trained.errors)")
    let captioned = try Command.run([
      "caption", "--model", run.path, "--prompt", "A red tent", family.scene.path,
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
    #expect(card.contains("\(family.className).from_pretrained(folder)"))
  }
}
