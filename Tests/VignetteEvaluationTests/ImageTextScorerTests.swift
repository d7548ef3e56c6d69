import Foundation
import Testing
import Vignette
import VignetteDatasets
import VignetteEvaluation
import VignetteTestSupport

/// Captions scored by their images, as the paper's formulas and Transformers' models do it.
@ComputeThread @Suite struct ImageTextScorerTests {
  /// Captions, and what they score.
  struct Expected: Decodable {
    struct Caption: Decodable {
      let image: String
      let caption: String
      let references: [String]
    }
    let captions: [Caption]
    let perCaption: [String: [Double]]
    let scores: [String: Double]

    init(_ name: String) throws {
      self = try Fixture.json(Expected.self, "image_text/\(name)/scores.json", fromSnakeCase: true)
    }

    func texts(_ name: String) -> [ImageText] {
      captions.map {
        ImageText(
          Fixture.url("image_text/\(name)/\($0.image)"), caption: $0.caption, references: $0.references)
      }
    }
  }

  @Test(
    arguments: [
      ("clip", ["CLIPScore", "RefCLIPScore"]), ("blip-itm", ["BLIP_ITM", "BLIP_ITC"]), ("siglip", ["SigLIP"]),
    ], [1, 4, 8])
  func scoresEqualTransformers(model: (name: String, scores: [String]), batchSize: Int) async throws {
    let scorer = try ImageTextScorer(at: Fixture.url("image_text/\(model.name)"), batchSize: batchSize)
    #expect(scorer.scoreNames == model.scores)
    let expected = try Expected(model.name)
    let texts = expected.texts(model.name)
    let metrics = try await scorer.metrics(of: texts) { _, _ in }
    #expect(metrics.map(\.key) == model.scores)
    for (column, metric) in metrics.enumerated() {
      let value = try #require(expected.scores[metric.key])
      #expect(abs(metric.value - value) < 1e-5, "\(metric)")
      let each = try #require(expected.perCaption[metric.key])
      for (row, text) in texts.enumerated() {
        let found = try #require(try scorer.values(of: [text])[0][column])
        #expect(abs(found - each[row]) < 1e-5, "\(metric.key) of \(text.caption)")
      }
    }
  }

  /// What needs references is left out where a caption has none.
  @Test func captionsWithoutReferences() async throws {
    let scorer = try ImageTextScorer(at: Fixture.url("image_text/clip"))
    let expected = try Expected("clip")
    var texts = expected.texts("clip")
    texts[1].references = []
    let metrics = try await scorer.metrics(of: texts) { done, total in #expect(done <= total && total == 6) }
    #expect(metrics.map(\.key) == ["CLIPScore"])
    #expect(abs(metrics[0].value - (try #require(expected.scores["CLIPScore"]))) < 1e-5)
    #expect(try await scorer.metrics(of: []) { _, _ in }.isEmpty)
  }

  @Test func anEvaluationScoresCaptionsByTheirImages() async throws {
    let folder = try TemporaryFolder()
    let data = try EvaluatorTests.dataset(folder, images: 3)
    let scorer = try ImageTextScorer(at: Fixture.url("image_text/clip"))
    var options = EvaluationOptions()
    options.batchSize = 2
    options.generation = GenerationOptions(maxLength: 6)
    options.imageTextScorers = [scorer, try ImageTextScorer(at: Fixture.url("image_text/blip-itm"))]
    let result = try await Evaluator(CaptionerParts(at: EvaluatorTests.model), data, options: options).run()
    let texts = result.captions.map {
      ImageText(URL(fileURLWithPath: $0.path), caption: $0.caption, references: $0.references)
    }
    for metric in try await scorer.metrics(of: texts, progress: { _, _ in }) {
      let measured = try #require(result.metrics.first { $0.key == metric.key })
      #expect(abs(measured.value - metric.value) < 1e-9)
    }
    #expect(result.metrics.suffix(4).map(\.key) == ["CLIPScore", "RefCLIPScore", "BLIP_ITM", "BLIP_ITC"])
  }

  @Test(arguments: [
    ("blip/blip", "expected BlipForImageTextRetrieval", "found BlipForConditionalGeneration"),
    (
      "models/vit-gpt2",
      "\"clip\" (such as openai/clip-vit-base-patch32), \"blip\" (such as Salesforce/blip-itm-base-coco) or \"siglip\"",
      "vision-encoder-decoder"
    ),
    ("pretrained/clip-vision", "compares images and texts", "found \"clip_vision_model\""),
    // A CLIP of which only the weights and the image processor were kept.
    ("pretrained/clip", "there is neither tokenizer.json nor vocab.json", "pretrained/clip"),
  ])
  func foldersOfOtherModels(name: String, expected: String, found: String) throws {
    let error = try #require(throws: (any Error).self) { try ImageTextScorer(at: Fixture.url(name)) }
    #expect("\(error)".contains(expected) && "\(error)".contains(found), "\(error)")
  }

  @Test func aTokenizerOfAnotherModelIsRefused() throws {
    let folder = try TemporaryFolder()
    for name in ["config.json", "model.safetensors", "preprocessor_config.json"] {
      try folder.write(Fixture.data("image_text/blip-itm/\(name)"), to: name)
    }
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      try folder.write(Fixture.data("image_text/clip/\(name)"), to: name)
    }
    let error = try #require(throws: FileError.self) { try ImageTextScorer(at: folder.url) }
    #expect("\(error)".contains("they belong to different models"), "\(error)")
  }

  /// A copy of a fixture's folder with fields of one of its files changed.
  private static func copy(
    _ name: String, _ file: String, changing change: (inout [String: Any]) -> Void
  ) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: Fixture.url(name).path).map({
      "\(name)/\($0)"
    }) {
      try folder.write(Fixture.data(name), to: (name as NSString).lastPathComponent)
    }
    let url = folder.url.appendingPathComponent(file)
    var json = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    change(&json)
    try JSONSerialization.data(withJSONObject: json).write(to: url)
    return folder
  }

  /// A cosine of numbers that are none isn't 0.
  @Test(arguments: ["image_text/clip", "image_text/blip-itm"])
  func scoresThatAreNoNumbersAreAnError(name: String) throws {
    let folder = try Self.copy(name, "preprocessor_config.json") { $0["image_mean"] = [1e308, 1e308, 1e308] }
    let scorer = try ImageTextScorer(at: folder.url)
    let error = #expect(throws: FileError.self) {
      _ = try scorer.values(of: [ImageText(Fixture.url("\(name)/scene.png"), caption: "a tent")])
    }
    #expect("\(try #require(error))".contains("no finite numbers"))
  }

  @Test func anEndTokenIsNoLargerThanTokensAre() throws {
    let folder = try Self.copy("image_text/clip", "config.json") { json in
      var text = json["text_config"] as? [String: Any] ?? [:]
      text["eos_token_id"] = 1 << 31
      json["text_config"] = text
    }
    let error = try #require(throws: (any Error).self) { try ImageTextScorer(at: folder.url) }
    #expect("\(error)".contains("text_config.eos_token_id"), "\(error)")
  }

  @Test func anImageThatCannotBeReadIsNamed() async throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data("broken".utf8), to: "broken.png")
    let scorer = try ImageTextScorer(at: Fixture.url("image_text/clip"))
    let error = #expect(throws: ImageError.self) {
      _ = try scorer.values(of: [ImageText(file, caption: "a tent")])
    }
    #expect("\(try #require(error))".contains("broken.png"))
  }
}
