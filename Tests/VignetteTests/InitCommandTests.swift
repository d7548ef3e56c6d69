import Foundation
import VignetteTestSupport
import Testing

/// Options of `vignette init` that don't go together.
@Suite struct InitCommandTests {
  private static let pretrained = ["--encoder", "e", "--decoder", "d"]
  private static let scratch = [
    "--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro", "--tokenizer-from", "t",
  ]

  @Test(arguments: [
    (pretrained + ["--tokenizer-from", "t"], "--tokenizer-from has no use with --decoder"),
    (pretrained + ["--vocab-size", "300"], "--vocab-size has no use with --decoder"),
    (pretrained + ["--image-size", "48"], "--image-size has no use with --encoder"),
    (pretrained + ["--encoder-preset", "vit-micro"], "--encoder-preset has no use with --encoder"),
    (pretrained + ["--decoder-preset", "gpt2-micro"], "--decoder-preset has no use with --decoder"),
    (pretrained + scratch, "has no use with --encoder"),
    (["--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro"], "--tokenizer-from"),
    (["--encoder", "e"], "--decoder-preset"),
    (["--decoder", "d"], "--encoder-preset"),
    ([], "--encoder-preset"),
    (scratch + ["--vocab-size", "256"], "--vocab-size must be at least 257"),
    (scratch + ["--vocab-size", "-1"], "--vocab-size must be at least 257"),
  ])
  func whatHasNoUseIsRefused(options: [String], explanation: String) throws {
    let run = try Command.run(["init", "--output", "/nowhere/model"] + options)
    #expect(run.status == 64 && run.output == "" && run.errors.contains(explanation), "\(run.errors)")
  }

  /// A model may be days of work: it is written over only where that was asked for. What a killed run left goes.
  @Test func aModelIsNotWrittenOver() throws {
    let folder = try TemporaryFolder()
    let captions = try folder.write(Data("a red tent\n".utf8), to: "captions.txt")
    let model = folder.url.appendingPathComponent("model")
    let arguments = [
      "init", "--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro", "--tokenizer-from",
      captions.path, "--vocab-size", "257", "--output", model.path,
    ]
    for name in [".model.safetensors.0A1B2C3D.partial", ".mine", "notes.txt"] {
      try folder.write(Data("x".utf8), to: "model/\(name)")
    }
    let made = try Command.run(arguments)
    #expect(made.status == 0 && made.errors.contains("257 tokens"), "\(made.errors)")
    let names = try FileManager.default.contentsOfDirectory(atPath: model.path)
    #expect(!names.contains { $0.hasSuffix(".partial") } && Set([".mine", "notes.txt"]).isSubset(of: names))

    let weights = model.appendingPathComponent("model.safetensors")
    let old = try Data(contentsOf: weights)
    let onItself = try Command.run(["convert", "--model", model.path, "--output", model.path])
    #expect(onItself.status == 2 && onItself.errors.contains("holds a model already"))
    #expect(try Data(contentsOf: weights) == old)
    let another = arguments + ["--seed", "7"]
    for lost in ["", "config.json"] {
      if !lost.isEmpty { try FileManager.default.removeItem(at: model.appendingPathComponent(lost)) }
      let refused = try Command.run(another)
      #expect(refused.status == 2)
      #expect(
        refused.errors.hasPrefix("vignette: \(model.path): holds a model already")
          && refused.errors.contains("--overwrite-output-dir"), "\(refused.errors)")
      #expect(try Data(contentsOf: weights) == old)
    }
    // What tells of the model that was there goes with it.
    try folder.write(Data("{}".utf8), to: "model/metrics.json")
    #expect(try Command.run(another + ["--overwrite-output-dir"]).status == 0)
    #expect(try Data(contentsOf: weights) != old)
    #expect(!FileManager.default.fileExists(atPath: model.appendingPathComponent("metrics.json").path))
  }

  /// A pretrained half beside a new one: its weights are taken, and only the other's are new.
  @Test func eitherHalfMayBePretrained() throws {
    let folder = try TemporaryFolder()
    let captions = try folder.write(Data("a red tent\na blue tent on a hill\n".utf8), to: "captions.txt")
    for (half, options) in [
      (
        "encoder",
        [
          "--encoder", Fixture.url("pretrained/vit").path, "--decoder-preset", "gpt2-micro",
          "--tokenizer-from",
          captions.path, "--vocab-size", "280",
        ]
      ),
      (
        "decoder",
        ["--encoder-preset", "vit-micro", "--decoder", Fixture.url("pretrained/gpt2-language").path]
      ),
    ] {
      let model = folder.url.appendingPathComponent(half).path
      let made = try Command.run(["init", "--output", model] + options)
      #expect(made.status == 0, "\(made.errors)")
      let fresh = made.errors.split(separator: "\n").filter { $0.hasPrefix("  ") }.map { $0.dropFirst(2) }
      let isEncoder = half == "encoder"
      #expect(fresh.contains(isEncoder ? "all of the decoder's" : "all of the encoder's"), "\(fresh)")
      #expect(
        !fresh.contains { $0.hasPrefix(isEncoder ? "encoder." : "decoder.transformer.wte") }, "\(fresh)")
      let run = try Command.run(["caption", "--model", model, Fixture.url("models/vit-gpt2/scene.png").path])
      #expect(run.status == 0, "\(run.errors)")
    }
  }

  /// A data set's annotation file gives its captions, and not what else stands in it.
  @Test(arguments: [
    ("Flickr8k.token.txt", "9q7z.jpg#0\ta red tent .\n9q7z.jpg#1\ta red tent\n"),
    ("captions.txt", "image,caption\n9q7z.jpg,a red tent .\n"),
    ("results_20130124.token", "9q7z.jpg#0\ta red tent .\n"),
    ("results.csv", "image_name| comment_number| comment\n9q7z.jpg| 0| a red tent .\n"),
    ("metadata.jsonl", #"{"file_name": "9q7z.jpg", "caption": "a red tent ."}"#),
    (
      "dataset_flickr8k.json",
      #"{"images": [{"sentids": [0], "imgid": 0, "sentences": [{"raw": "a red tent .", "tokens": [], "imgid": 0, "sentid": 0}], "split": "train", "filename": "9q7z.jpg"}], "dataset": "flickr8k"}"#
    ),
    (
      "captions_train2017.json",
      #"{"images": [{"id": 1, "file_name": "9q7z.jpg", "height": 2, "width": 2}], "annotations": [{"id": 1, "image_id": 1, "caption": "a red tent ."}]}"#
    ),
    ("captions of mine.txt", "a red tent .\n"),
  ])
  func tokenizersLearnCaptionsAlone(name: String, text: String) throws {
    let folder = try TemporaryFolder()
    let captions = try folder.write(Data(text.utf8), to: name)
    let model = folder.url.appendingPathComponent("model")
    let made = try Command.run([
      "init", "--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro", "--tokenizer-from",
      captions.path,
      "--vocab-size", "600", "--output", model.path,
    ])
    #expect(made.status == 0, "\(made.errors)")
    let merges = try String(contentsOf: model.appendingPathComponent("merges.txt"), encoding: .utf8)
    #expect(merges.contains("ten t") || merges.contains("te nt") || merges.contains("t ent"), "\(merges)")
    #expect(!merges.contains("q") && !merges.contains("z"), "\(merges)")
  }
}
