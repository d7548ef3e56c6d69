import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

/// `vignette evaluate` and `train` with models that score captions by their images.
@Suite struct ImageTextCommandTests {
  private static let clip = Fixture.url("image_text/clip").path
  private static let blip = Fixture.url("image_text/blip-itm").path
  private static let names = ["CLIPScore", "RefCLIPScore", "BLIP_ITM", "BLIP_ITC"]

  /// COCO's layout with the three images of the fixtures, captions for validation only.
  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let names = ["scene", "mirrored", "inverted"]
    for (part, list) in [("val2017", "captions_val2017"), ("test2017", "image_info_test2017")] {
      for name in names {
        try folder.write(Fixture.data("image_text/clip/\(name).png"), to: "\(part)/\(name).png")
      }
      let images = names.enumerated().map { #"{"id": \#($0), "file_name": "\#($1).png"}"# }
      let captions = names.enumerated().map {
        #"{"id": \#($0), "image_id": \#($0), "caption": "a \#($1) tent"}"#
      }
      let annotations =
        part == "val2017" ? #", "annotations": [\#(captions.joined(separator: ","))]"# : ""
      try folder.write(
        Data(#"{"images": [\#(images.joined(separator: ","))]\#(annotations)}"#.utf8),
        to: "annotations/\(list).json")
    }
    return folder
  }

  private static func scores(_ run: Command.Result) throws -> [String: Double] {
    try #require(JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Double])
  }

  private static func evaluate(_ folder: TemporaryFolder, _ options: [String]) throws -> Command.Result {
    try Command.run(
      [
        "evaluate", "--model", CommandTests.model, "--dataset", "coco", "--data-dir", folder.url.path,
        "--max-length", "6", "--format", "json",
      ] + options)
  }

  /// The same captions score the same, from the model and from its file, and the file of metrics says by what.
  @Test func captionsAreScoredByTheirImages() throws {
    let folder = try Self.folder()
    let results = folder.url.appendingPathComponent("results.json").path
    let metrics = folder.url.appendingPathComponent("metrics.json")
    let scorers = ["--clip-model", Self.clip, "--image-text-model", Self.blip]
    let run = try Self.evaluate(
      folder, scorers + ["--output", results, "--metrics-file", metrics.path, "--batch-size", "2"])
    #expect(run.status == 0, "\(run.errors)")
    let scores = try Self.scores(run)
    #expect(Self.names.allSatisfy { scores[$0] != nil } && scores["Bleu_1"] != nil, "\(scores)")
    let again = try Command.run(
      [
        "evaluate", "--predictions", results, "--references",
        folder.url.appendingPathComponent("annotations/captions_val2017.json").path, "--data-dir",
        folder.url.path, "--format", "json",
      ] + scorers)
    #expect(again.status == 0, "\(again.errors)")
    let other = try Self.scores(again)
    for name in Self.names {
      #expect(abs((other[name] ?? 9) - (try #require(scores[name]))) < 1e-6, "\(name)")
    }
    let file = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: metrics)) as? [String: Any])
    let models = try #require(file["image_text_models"] as? [[String: Any]])
    let sums = try [Self.clip, Self.blip].map {
      "\(try SHA256Sum(contentsOf: URL(fileURLWithPath: "\($0)/model.safetensors")))"
    }
    #expect(models.map { ($0["sha256"] as? [String: String])?["model.safetensors"] } == sums)
    #expect((file["metrics"] as? [String: Double])?["CLIPScore"] == scores["CLIPScore"])
  }

  private static func predictions(_ folder: TemporaryFolder) throws -> [String] {
    let rows = (0..<3).map { #"{"image_id": \#($0), "caption": "a tent"}"# }
    let file = try folder.write(Data("[\(rows.joined(separator: ","))]".utf8), to: "results.json")
    let references = folder.url.appendingPathComponent("annotations/captions_val2017.json").path
    return ["evaluate", "--predictions", file.path, "--references", references, "--format", "json"]
  }

  /// The others are scored, and the exit status tells; that none can be read is another error.
  @Test func unreadableImagesAreStatusOne() throws {
    let folder = try Self.folder()
    try folder.write(Data("broken".utf8), to: "val2017/mirrored.png")
    let arguments = try Self.predictions(folder) + ["--data-dir", folder.url.path]
    let run = try Command.run(
      arguments + ["--clip-model", Self.clip, "--image-text-model", Self.blip, "--batch-size", "2"])
    #expect(run.status == 1, "\(run.errors)")
    let lines = run.errors.split(separator: "\n")
    #expect(lines.count == 1 && lines[0].contains("val2017/mirrored.png: "), "\(run.errors)")
    let scores = try Self.scores(run)
    #expect(Self.names.allSatisfy { scores[$0] != nil } && scores["Bleu_1"] != nil, "\(scores)")

    let nowhere = try Command.run(
      Self.predictions(folder) + ["--clip-model", Self.clip, "--data-dir", folder.url.path + "/annotations"])
    #expect(nowhere.status == 2 && nowhere.output.isEmpty)
    #expect(
      nowhere.errors.hasPrefix("vignette: none of the 3 images of the captions can be read (")
        && nowhere.errors.hasSuffix("); is --data-dir right?\n"), "\(nowhere.errors)")
  }

  /// Images may lie in the folder itself.
  @Test func imagesInTheFolderItselfAreFound() throws {
    let folder = try Self.folder()
    let run = try Command.run(
      Self.predictions(folder) + ["--clip-model", Self.clip, "--data-dir", folder.url.path + "/val2017"])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try Self.scores(run)["CLIPScore"] != nil)
  }

  /// A model that is named twice scores once; two models don't share a score's name.
  @Test func oneModelUnderBothOptionsScoresOnce() throws {
    let folder = try Self.folder()
    let arguments = try Self.predictions(folder) + ["--data-dir", folder.url.path, "--clip-model", Self.clip]
    let twice = try Command.run(arguments + ["--image-text-model", "\(Self.clip)/../clip/"])
    #expect(twice.status == 0, "\(twice.errors)")
    #expect(twice.output.components(separatedBy: "\"CLIPScore\"").count == 2, "\(twice.output)")
    let copy = folder.url.appendingPathComponent("clip")
    try FileManager.default.copyItem(atPath: Self.clip, toPath: copy.path)
    let both = try Command.run(arguments + ["--image-text-model", copy.path])
    #expect(both.status == 2 && both.output.isEmpty)
    #expect(
      both.errors
        == "vignette: --image-text-model is a second model that gives CLIPScore and RefCLIPScore; leave it or "
        + "--clip-model away\n", "\(both.errors)")
  }

  /// No captions are needed to compare with, nor an output.
  @Test func aSplitWithoutCaptionsIsScored() throws {
    let folder = try Self.folder()
    let run = try Self.evaluate(folder, ["--split", "test", "--clip-model", Self.clip])
    #expect(run.status == 0, "\(run.errors)")
    #expect(Array(try Self.scores(run).keys) == ["CLIPScore"])
  }

  /// CLIP gives its scores under either option; a captioner under none.
  @Test func whatDoesNotCompareIsRefused() throws {
    let folder = try Self.folder()
    #expect(try Self.scores(Self.evaluate(folder, ["--image-text-model", Self.clip]))["CLIPScore"] != nil)
    for (option, model) in [("--clip-model", Self.blip), ("--image-text-model", CommandTests.model)] {
      let run = try Self.evaluate(folder, [option, model])
      #expect(run.status == 2 && run.output.isEmpty, "\(run.errors)")
      let line = run.errors.split(separator: "\n").last ?? ""
      #expect(line.contains("\(model)/config.json: model_type: expected"), "\(run.errors)")
    }
    let predictions = [
      "evaluate", "--predictions", "none.json", "--references", "none.json", "--data-dir", "x",
    ]
    #expect(try Command.run(predictions).status == 64)
  }

  /// A run's evaluations give the scores, and the best model may be told by them.
  @Test func trainingIsEvaluatedByTheScores() throws {
    let run = try TrainRun(scenes: 10)
    try run.trained(
      "run",
      [
        "--eval-strategy", "epoch", "--num-train-epochs", "1", "--clip-model", Self.clip,
        "--image-text-model",
        Self.blip, "--metric-for-best-model", "clipscore", "--load-best-model-at-end",
      ])
    let state = String(decoding: try Data(contentsOf: run.url("run/trainer_state.json")), as: UTF8.self)
    for name in Self.names { #expect(state.contains("\"eval_\(name)\""), "\(name)") }
    let metrics = String(decoding: try Data(contentsOf: run.url("run/metrics.json")), as: UTF8.self)
    #expect(metrics.contains("image_text_models") && metrics.contains("\"CLIPScore\""))
    let refused = try run.train("other", ["--clip-model", Self.clip, "--no-predict-with-generate"])
    #expect(refused.status != 0 && refused.errors.contains("--clip-model"), "\(refused.errors)")
  }
}
