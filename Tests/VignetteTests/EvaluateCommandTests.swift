import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteTestSupport

/// `vignette evaluate` over a model and a data set.
@Suite struct EvaluateCommandTests {
  /// COCO's layout: captions for validation, none for test; three images of each.
  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let images = [
      "models/vit-gpt2/scene.png", "../Examples/Images/cat.jpg", "../Examples/Images/coffee.jpg",
    ]
    for (part, list) in [("val2017", "captions_val2017"), ("test2017", "image_info_test2017")] {
      for (id, image) in images.enumerated() {
        try folder.write(Fixture.data(image), to: "\(part)/\(id).png")
      }
      let images = (0..<3).map { #"{"id": \#($0), "file_name": "\#($0).png"}"# }
      let captions = (0..<3).map { #"{"id": \#($0), "image_id": \#($0), "caption": "the running \#($0)"}"# }
      let annotations =
        part == "val2017" ? #", "annotations": [\#(captions.joined(separator: ","))]"# : ""
      let json = #"{"images": [\#(images.joined(separator: ","))]\#(annotations)}"#
      try folder.write(Data(json.utf8), to: "annotations/\(list).json")
    }
    return folder
  }

  private static func evaluate(_ folder: TemporaryFolder, _ options: [String]) throws -> Command.Result {
    try Command.run(
      [
        "evaluate", "--model", CommandTests.model, "--dataset", "coco", "--data-dir", folder.url.path,
        "--max-length", "6", "--format", "json",
      ] + options)
  }

  private static func scores(_ run: Command.Result) throws -> [String: Double] {
    try #require(JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Double])
  }

  /// The mean number of ids that aren't the padding's, as `caption` prints them.
  @Test func generatedTokensAreCounted() throws {
    let folder = try Self.folder()
    let run = try Self.evaluate(folder, [])
    #expect(run.status == 0, "\(run.errors)")
    let captions = try Command.run([
      "caption", "--model", CommandTests.model, "--max-length", "6", "--format", "jsonl",
      folder.url.appendingPathComponent("val2017").path,
    ])
    let config = try #require(
      JSONSerialization.jsonObject(with: Fixture.data("models/vit-gpt2/config.json")) as? [String: Any])
    let padding = try #require(config["pad_token_id"] as? Int)
    let lengths = try captions.output.split(separator: "\n").map { line in
      let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      return Double(try #require(object["token_ids"] as? [Int]).count { $0 != padding })
    }
    #expect(lengths.count == 3)
    let expected = lengths.reduce(0, +) / 3
    #expect(abs(try #require(Self.scores(run)["gen_len"]) - expected) < 1e-9, "\(run.output)")
  }

  /// "running" and "runs" are one word with the stemmer, and two without.
  @Test func theStemmerCanBeLeftOut() throws {
    let folder = try Self.folder()
    let predictions = try folder.write(
      Data(#"[{"image_id": 0, "caption": "the runs"}, {"image_id": 1, "caption": "the runs"}]"#.utf8),
      to: "results.json")
    func rouge(_ options: [String]) throws -> Double {
      let run = try Command.run(
        [
          "evaluate", "--predictions", predictions.path, "--references",
          folder.url.appendingPathComponent("annotations/captions_val2017.json").path, "--format", "json",
        ] + options)
      return try #require(Self.scores(run)["rouge1"])
    }
    let (usual, with, without) = (
      try rouge([]), try rouge(["--use-stemmer"]), try rouge(["--no-use-stemmer"])
    )
    #expect(usual == with && abs(with - 80) < 1e-9 && abs(without - 40) < 1e-9, "\(usual) \(with) \(without)")
  }

  /// Readers are measured by their characters, where that is asked for.
  @Test func characterErrors() throws {
    let folder = try TemporaryFolder()
    let references = try folder.write(
      Data(
        (#"{"images": [{"id": 1, "file_name": "1.png"}, {"id": 2, "file_name": "2.png"}], "annotations": ["#
          + #"{"id": 1, "image_id": 1, "caption": "No. 4711"}, {"id": 2, "image_id": 2, "caption": "Total"}]}"#)
          .utf8), to: "references.json")
    let predictions = try folder.write(
      Data(#"[{"image_id": 1, "caption": "No 4171"}, {"image_id": 2, "caption": "Total"}]"#.utf8),
      to: "results.json")
    func run(_ options: [String]) throws -> Command.Result {
      try Command.run(
        ["evaluate", "--predictions", predictions.path, "--references", references.path] + options)
    }
    #expect(try Self.scores(run(["--format", "json"]))["cer"] == nil)
    let rate = try #require(try Self.scores(run(["--format", "json", "--cer"]))["cer"])
    #expect(abs(rate - 3.0 / 13) < 1e-9)
    #expect(try run(["--cer"]).output.contains("cer"))
  }

  /// What is drawn at random is drawn again with the seed that the file tells.
  @Test func theSeedIsTold() throws {
    let folder = try Self.folder()
    let file = folder.url.appendingPathComponent("metrics.json")
    let run = try Self.evaluate(folder, ["--do-sample", "--seed", "5", "--metrics-file", file.path])
    #expect(run.status == 0, "\(run.errors)")
    let object = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    #expect((object["generation"] as? [String: Any])?["seed"] as? Int == 5)
    #expect(object["dtype"] as? String == "float32")
  }

  /// What would be passed over, or written over, is refused.
  @Test(arguments: [
    ["--predictions", "none.json"], ["--references", "none.json"],
    ["--output", "same.json", "--metrics-file", "./same.json"],
  ])
  func contradictionsAreRefused(_ more: [String]) throws {
    let folder = try Self.folder()
    let run = try Self.evaluate(folder, more)
    #expect(run.status == 64 && run.output == "", "\(run.errors)")
  }

  /// pycocoevalcap 1.2 gives CIDEr 5.4447 for these; without the empty reference it would be 6.6947.
  @Test func emptyReferencesCount() throws {
    let folder = try TemporaryFolder()
    let captions = [
      (1, "a cat on a mat"), (1, "a cat sits on a mat"), (2, "a dog runs"), (2, ""),
      (3, "two birds fly high"),
      (3, "birds in the sky"),
    ]
    let images = (1...3).map { #"{"id": \#($0), "file_name": "\#($0).jpg"}"# }
    let rows = captions.enumerated().map { number, caption in
      #"{"id": \#(number), "image_id": \#(caption.0), "caption": "\#(caption.1)"}"#
    }
    let references = try folder.write(
      Data(
        #"{"images": [\#(images.joined(separator: ","))], "annotations": [\#(rows.joined(separator: ","))]}"#
          .utf8),
      to: "references.json")
    let results = [(1, "a cat on a mat"), (2, "a dog runs"), (3, "birds in the sky")].map {
      #"{"image_id": \#($0.0), "caption": "\#($0.1)"}"#
    }
    let predictions = try folder.write(Data("[\(results.joined(separator: ","))]".utf8), to: "results.json")
    let run = try Command.run([
      "evaluate", "--predictions", predictions.path, "--references", references.path, "--format", "json",
    ])
    #expect(abs(try #require(Self.scores(run)["CIDEr"]) - 5.444683) < 1e-5, "\(run.output) \(run.errors)")
  }

  /// Scores can be measured again: the file says on what, how, and with which weights.
  @Test func theMetricsFileTellsHowScoresCame() throws {
    let folder = try Self.folder()
    let file = folder.url.appendingPathComponent("results/metrics.json")
    let run = try Self.evaluate(
      folder, ["--num-beams", "3", "--no-use-stemmer", "--metrics-file", file.path])
    #expect(run.status == 0, "\(run.errors)")
    let object = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    #expect(object["metrics"] as? [String: Double] == (try Self.scores(run)))
    let data = try #require(object["data"] as? [String: Any])
    #expect(data["captions"] as? Int == 3 && data["split"] as? String == "validation", "\(data)")
    #expect(data["references_per_caption"] as? [String: Double] == ["min": 1, "max": 1, "mean": 1])
    let generation = try #require(object["generation"] as? [String: Any])
    #expect(generation["max_length"] as? Int == 6 && generation["num_beams"] as? Int == 3)
    #expect(object["rouge"] as? [String: Bool] == ["use_stemmer": false])
    // As `sha256sum` prints it.
    let sum = "\(try SHA256Sum(contentsOf: URL(fileURLWithPath: "\(CommandTests.model)/model.safetensors")))"
    #expect(object["sha256"] as? [String: String] == ["model.safetensors": sum])
    #expect(run.errors.contains("3 beams, at most 5 tokens"), "\(run.errors)")
  }

  @Test func aSplitWithoutCaptionsIsCaptioned() throws {
    let folder = try Self.folder()
    let refused = try Self.evaluate(folder, ["--split", "test"])
    #expect(refused.status == 64 && refused.errors.contains("--output"), "\(refused.errors)")
    let output = folder.url.appendingPathComponent("results.json")
    let run = try Self.evaluate(folder, ["--split", "test", "--output", output.path])
    #expect(run.status == 0 && run.output == "", "\(run.errors)")
    let results = try JSONSerialization.jsonObject(with: Data(contentsOf: output)) as? [[String: Any]]
    #expect(results?.compactMap { $0["image_id"] as? Int } == [0, 1, 2])
    #expect(results?.allSatisfy { $0["caption"] is String } == true)
  }

  /// An output that can't be is told before the work.
  @Test func theOutputIsSeenToFirst() throws {
    let folder = try Self.folder()
    try folder.write(Data("plain".utf8), to: "file")
    let path = folder.url.appendingPathComponent("file").path
    let run = try Self.evaluate(folder, ["--output", "\(path)/results.json"])
    let refusal =
      "vignette: can't create the folder \(path): File exists; a file is in the way: give another path\n"
    #expect(run.status == 2 && run.errors == refusal, "\(run.errors)")
    let made = folder.url.appendingPathComponent("new/results.json")
    #expect(try Self.evaluate(folder, ["--output", made.path]).status == 0)
    #expect(FileManager.default.fileExists(atPath: made.path))
  }

  /// The others are measured, and the exit status tells.
  @Test func unreadableImagesAreStatusOne() throws {
    let folder = try Self.folder()
    try folder.write(Data("broken".utf8), to: "val2017/1.png")
    let output = folder.url.appendingPathComponent("results.json")
    let run = try Self.evaluate(folder, ["--output", output.path])
    #expect(run.status == 1 && run.errors.contains("val2017/1.png: "), "\(run.errors)")
    #expect(run.errors.contains("1 image has no prediction and is left out"))
    #expect(try Self.scores(run)["CIDEr"] != nil && FileManager.default.fileExists(atPath: output.path))
  }

  @Test(arguments: [
    (["--temperature", "2"], ["--temperature"]),
    (["--temperature", "2", "--do-sample"], []),
    (["--length-penalty", "-1", "--num-beams", "2"], []),
    (["--length-penalty", "-1"], ["--length-penalty"]),
    ([], []),
  ])
  func optionsWithoutEffectAreTold(options: [String], ignored: [String]) throws {
    let run = try Command.run(
      ["caption", "--model", CommandTests.model, "--max-length", "4", CommandTests.scene] + options)
    #expect(run.status == 0)
    let warned = run.errors.split(separator: "\n").compactMap { $0.split(separator: " ").dropFirst().first }
    #expect(warned.map(String.init) == ignored, "\(run.errors)")
  }
}
