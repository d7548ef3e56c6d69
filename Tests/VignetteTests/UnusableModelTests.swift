import Foundation
import VignetteTestSupport
import Testing

/// Pretrained folders that can't be joined: one line, status 2, the file and the field by name.
@Suite(.serialized) struct UnusableModelTests {
  /// A field of one folder's config.json given another value.
  struct Case: CustomTestStringConvertible {
    let folder: String
    let field: String
    let value: String
    let explanation: String

    init(_ folder: String, _ field: String, _ value: String, _ explanation: String) {
      (self.folder, self.field, self.value, self.explanation) = (folder, field, value, explanation)
    }

    var testDescription: String { "\(folder): \(field) = \(value)" }
  }

  static let encoders = [
    "vit", "deit", "beit", "swin", "clip-vision", "siglip-vision", "dinov2", "dinov3", "swinv2",
  ]

  @Test(arguments: [
    Case("vit", "model_type", "\"convnext\"", "supported as encoder (vit, deit, vit_msn, beit"),
    Case("vit", "model_type", "\"clip\"", "supported as encoder"),
    Case("clip-vision", "num_attention_heads", "5", "divisor of the width 12, found 5"),
    Case("siglip-vision", "patch_size", "32", "no larger than image_size"),
    Case("dinov2", "mlp_ratio", "0", "integer from 1"),
    Case("dinov3", "num_attention_heads", "6", "multiple of 4"),
    Case("swinv2", "use_absolute_embeddings", "true", "false: Transformers makes a position too many"),
    Case("vit", "model_type", "\"vision-encoder-decoder\"", "supported as encoder"),
    Case("vit", "model_type", "null", "found nothing"),
    Case("vit", "num_attention_heads", "5", "divisor of the width 12, found 5"),
    Case("deit", "num_attention_heads", "0", "integer from 1"),
    Case("beit", "num_attention_heads", "3", "divisor of the width 10"),
    Case("vit", "hidden_size", "9223372036854775807", "integer from 1"),
    Case("vit", "image_size", "[16, 16, 3]", "[height, width]"),
    Case("vit", "patch_size", "32", "no larger than image_size"),
    Case("swin", "num_heads", "[1, 5]", "5 does not divide 12"),
    Case("swin", "num_heads", "[1]", "each of the 2 stages in depths"),
    Case("swin", "num_heads", "[1, 2, 2]", "each of the 2 stages in depths"),
    Case("swin", "depths", "[1, 1, 1, 1, 1, 1, 1, 1, 1]", "1 to 8 stages"),
    Case("swin", "embed_dim", "-6", "integer from 1"),
    Case("swin", "window_size", "40", "16 × 16 is 2 patches"),
    Case("swin", "window_size", "3", "no larger than any stage's feature map"),
    Case(
      "gpt2", "model_type", "\"llama\"",
      "supported as decoder (gpt2, bert, roberta, distilbert, xlm-roberta, "),
    Case("gpt2", "n_head", "5", "divisor of the width 12, found 5"),
    Case("bert", "num_attention_heads", "5", "divisor of the width 12, found 5"),
    Case("roberta", "num_attention_heads", "5", "divisor of the width 16, found 5"),
    Case("distilbert", "n_heads", "5", "divisor of the width 12, found 5"),
    Case("distilbert", "vocab_size", "1e9", "integer"),
    Case("trocr", "decoder_attention_heads", "5", "divisor of the width 12, found 5"),
  ])
  func fieldsAreNamed(wrong: Case) throws {
    let folder = try TemporaryFolder()
    let copy = try Self.copy(wrong.folder, to: folder)
    let config = copy.appendingPathComponent("config.json")
    var json = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: config)) as? [String: Any])
    json[wrong.field] = try JSONSerialization.jsonObject(
      with: Data(wrong.value.utf8), options: .fragmentsAllowed)
    try JSONSerialization.data(withJSONObject: json).write(to: config)
    let message = try Self.refusal(wrong.folder, copy, folder)
    #expect(message.contains("\(config.path): \(wrong.field)"), "\(message)")
    #expect(message.contains(wrong.explanation), "\(message)")
  }

  /// What a folder's model is comes before what the folder lacks, and before data that aren't there.
  @Test(arguments: [
    ("gpt2", "a language model alone"), ("distilbert", "a language model alone"),
    ("trocr", "a language model alone"), ("xlm-roberta", "a language model alone"),
    ("vit", "a vision encoder alone"), ("blip-2", "a captioner of a family that is not supported"),
    ("florence2", "a captioner of a family that is not supported"), ("qwen2_vl", "found \"qwen2_vl\""),
  ])
  func otherModelsAreNamedForWhatTheyAre(modelType: String, kind: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(#"{"model_type": "\#(modelType)"}"#.utf8), to: "config.json")
    let data = ["--dataset", "coco", "--data-dir", "/nowhere"]
    for arguments in [
      ["caption", CommandTests.scene], ["convert", "--output", folder.url.appendingPathComponent("to").path],
      ["evaluate"] + data, ["train", "--output", folder.url.appendingPathComponent("run").path] + data,
    ] {
      let run = try Command.run(arguments + ["--model", folder.url.path])
      #expect(run.status == 2 && run.errors.contains("config.json: model_type: expected "), "\(run.errors)")
      #expect(run.errors.contains("found \"\(modelType)\"") && run.errors.contains(kind), "\(run.errors)")
      #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    }
  }

  /// BLIP's models for other tasks share its `model_type`.
  @Test(arguments: [
    ("BlipForQuestionAnswering", "answers questions about them"),
    ("BlipForImageTextRetrieval", "tells how well images and texts match"),
  ])
  func otherBLIPsAreNamedForWhatTheyAre(architecture: String, purpose: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      Data(#"{"model_type": "blip", "architectures": ["\#(architecture)"]}"#.utf8), to: "config.json")
    let run = try Command.run(["caption", "--model", folder.url.path, CommandTests.scene])
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(
      run.errors
        == "vignette: \(file.path): architectures: expected BlipForConditionalGeneration, which captions images (such as "
        + "Salesforce/blip-image-captioning-base), found \(architecture), which \(purpose)\n", "\(run.errors)"
    )
  }

  /// GIT's models of videos look at several frames.
  @Test(arguments: [
    (#""num_image_with_embedding": 6"#, "num_image_with_embedding: expected null", "6 frames at a time"),
    (#""architectures": ["GitModel"]"#, "architectures: expected GitForCausalLM", "no head that tells words"),
  ])
  func otherGITsAreNamedForWhatTheyAre(field: String, expected: String, purpose: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(#"{"model_type": "git", \#(field)}"#.utf8), to: "config.json")
    let run = try Command.run(["caption", "--model", folder.url.path, CommandTests.scene])
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.hasPrefix("vignette: \(file.path): \(expected)"), "\(run.errors)")
    #expect(run.errors.contains(purpose) && run.errors.split(separator: "\n").count == 1, "\(run.errors)")
  }

  /// A tokenizer with more tokens than the decoder knows belongs to another model.
  @Test func aTokenizerOfAnotherModelIsTold() throws {
    let folder = try TemporaryFolder()
    for name in ["config.json", "generation_config.json", "model.safetensors", "preprocessor_config.json"] {
      try folder.write(Fixture.data("blip/blip/\(name)"), to: name)
    }
    for name in ["tokenizer.json", "tokenizer_config.json"] {
      try folder.write(Fixture.data("image_text/clip/\(name)"), to: name)
    }
    let run = try Command.run(["caption", "--model", folder.url.path, CommandTests.scene])
    #expect(
      run.errors.contains("but the decoder's vocab_size is") && run.errors.contains("own folder"),
      "\(run.errors)")
    let scenes = try TrainRun(scenes: 4)
    let data = ["--dataset", "coco", "--data-dir", scenes.url("scenes").path]
    let training = try Command.run(
      ["train", "--model", folder.url.path, "--output", folder.url.appendingPathComponent("run").path] + data)
    #expect(training.status == 2, "\(training.errors)")
    #expect(training.errors.split(separator: "\n").last?.contains("they belong to different models") == true)
  }

  /// What the folder lacks is named with the folder.
  @Test(arguments: [
    ("bert", ["tokenizer.json", "tokenizer_config.json"], "neither tokenizer.json nor vocab.txt"),
    ("distilbert", ["tokenizer.json", "tokenizer_config.json"], "neither tokenizer.json nor vocab.txt"),
    ("roberta", ["tokenizer.json", "tokenizer_config.json"], "neither tokenizer.json nor vocab.json"),
    ("gpt2", ["tokenizer.json"], "neither tokenizer.json nor vocab.json"),
    ("gpt2", ["config.json"], "config.json"),
    ("bert", ["model.safetensors"], "model.safetensors"),
    ("swin", ["preprocessor_config.json"], "preprocessor_config.json"),
  ])
  func filesAreNamed(name: String, missing: [String], explanation: String) throws {
    let folder = try TemporaryFolder()
    let copy = try Self.copy(name, to: folder)
    for file in missing { try FileManager.default.removeItem(at: copy.appendingPathComponent(file)) }
    let message = try Self.refusal(name, copy, folder)
    #expect(message.contains(copy.path) && message.contains(explanation), "\(message)")
  }

  /// A run that was killed has its checkpoints, but no result yet.
  @Test func foldersThatAreNoModelsAreTold() throws {
    let folder = try TemporaryFolder()
    for step in ["20", "100", "007"] { try folder.write(Data(), to: "run/checkpoint-\(step)/config.json") }
    try folder.write(Data(), to: "run/checkpoint-300/model.safetensors")
    try folder.write(Data(), to: "photos/a.png")
    for (model, advice) in [
      ("photos", ""), ("run/", "; give run/checkpoint-100 instead, its newest checkpoint"),
    ] {
      let run = try Command.run(["caption", "--model", model, "photos/a.png"], in: folder.url)
      #expect(run.status == 2 && run.output.isEmpty)
      let name = model.replacing("/", with: "")
      #expect(
        run.errors == "vignette: \(name): is no model folder: it has no config.json\(advice)\n",
        "\(run.errors)")
    }
  }

  /// What stands where a file should, or doesn't, is reported in plain words.
  @Test(arguments: [
    (
      "missing",
      "PATH: there is no such file; it says how images are resized and normalised: fetch it with the model's other files"
    ),
    ("folder", "PATH: is a folder, where a file is needed"),
  ])
  func aProcessorThatCantBeReadIsReported(instead: String, line: String) throws {
    let folder = try TemporaryFolder()
    let model = folder.url.appendingPathComponent("model")
    try FileManager.default.copyItem(at: Fixture.url("models/vit-gpt2"), to: model)
    let file = model.appendingPathComponent("preprocessor_config.json")
    try FileManager.default.removeItem(at: file)
    if instead == "folder" {
      try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
    }
    let run = try Command.run(["caption", "--model", model.path, CommandTests.scene])
    let expected = line.replacing("PATH", with: file.path)
    #expect(run.status == 2 && run.errors == "vignette: \(expected)\n", "\(run.errors)")
  }

  /// A captioner that has lost its tokenizer.
  @Test func captionNeedsATokenizer() throws {
    let folder = try TemporaryFolder()
    let model = folder.url.appendingPathComponent("model")
    let made = try Command.run([
      "init", "--encoder", Fixture.url("pretrained/vit").path, "--decoder",
      Fixture.url("pretrained/bert-masked").path, "--output", model.path,
    ])
    #expect(made.status == 0, "\(made.errors)")
    for name in try FileManager.default.contentsOfDirectory(atPath: model.path)
    where name.hasPrefix("tokenizer") || name.hasPrefix("vocab") {
      try FileManager.default.removeItem(at: model.appendingPathComponent(name))
    }
    let run = try Command.run(["caption", "--model", model.path, CommandTests.scene])
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.hasPrefix("vignette: no tokenizer in \(model.path): "), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
  }

  private static func copy(_ name: String, to folder: TemporaryFolder) throws -> URL {
    let copy = folder.url.appendingPathComponent(name)
    try FileManager.default.copyItem(at: Fixture.url("pretrained/\(name)"), to: copy)
    return copy
  }

  /// The line that `init` refuses a changed copy of a folder with.
  private static func refusal(_ name: String, _ copy: URL, _ folder: TemporaryFolder) throws -> String {
    let isEncoder = encoders.contains(name)
    let output = folder.url.appendingPathComponent("model")
    let run = try Command.run([
      "init", "--encoder", isEncoder ? copy.path : Fixture.url("pretrained/vit").path, "--decoder",
      isEncoder ? Fixture.url("pretrained/bert-masked").path : copy.path, "--output", output.path,
    ])
    #expect(run.status == 2 && run.output.isEmpty)
    #expect(run.errors.hasPrefix("vignette: ") && run.errors.split(separator: "\n").count == 1)
    #expect(!FileManager.default.fileExists(atPath: output.path))
    return run.errors
  }

  /// What is wrong with a checkpoint's options is no flag's fault; a flag sets it right.
  @Test func optionsOfAFileAreNamedWithIt() throws {
    let folder = try TemporaryFolder()
    let model = folder.url.appendingPathComponent("model")
    try FileManager.default.copyItem(at: Fixture.url("models/vit-gpt2"), to: model)
    let file = model.appendingPathComponent("generation_config.json")
    let json = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
    func run(_ field: String, _ value: Any, _ options: [String] = []) throws -> Command.Result {
      try JSONSerialization.data(withJSONObject: json.merging([field: value]) { _, new in new }).write(
        to: file)
      return try Command.run(
        ["caption", "--model", model.path, "--max-length", "6", CommandTests.scene] + options)
    }
    let start = try run("decoder_start_token_id", 9999, ["--prompt", "the"])
    #expect(
      start.errors.hasPrefix(
        "vignette: \(file.path): decoder_start_token_id: must be a token id below the vocabulary's size, "),
      "\(start.errors)")
    let beams = try run("num_beams", 0)
    #expect(
      beams.status == 2
        && beams.errors == "vignette: \(file.path): num_beams: must be from 1 to 1024, but is 0\n",
      "\(beams.errors)")
    #expect(try run("num_beams", 0, ["--num-beams", "2"]).status == 0)
    let flag = try run("num_beams", 2, ["--num-beams", "1000000"])
    #expect(flag.errors == "vignette: --num-beams must be from 1 to 1024, but is 1000000\n", "\(flag.errors)")
  }

  /// Sizes that no memory holds are told before the work, with the option that asks for them.
  @Test func whatIsTooMuchIsToldBefore() throws {
    let folder = try TemporaryFolder()
    let captions = try folder.write(Data("a red tent\n".utf8), to: "captions.txt")
    let model = folder.url.appendingPathComponent("model")
    let made = try Command.run([
      "init", "--encoder-preset", "vit-tiny", "--decoder-preset", "gpt2-micro", "--tokenizer-from",
      captions.path,
      "--vocab-size", "257", "--image-size", "8192", "--output", model.path,
    ])
    #expect(made.status == 2 && !FileManager.default.fileExists(atPath: model.path))
    #expect(
      made.errors.hasPrefix(
        "vignette: the attention to each other of the 262145 patches of an image of 8192 × 8192 pixels would take "
      )
        && made.errors.hasSuffix("; lower --image-size\n"), "\(made.errors)")
    let many = try Command.run([
      "caption", "--model", CommandTests.model, "--do-sample", "--num-return-sequences", "1000000000",
      CommandTests.scene,
    ])
    #expect(many.status == 2 && many.output.isEmpty)
    #expect(
      many.errors.contains("generating 1000000000 captions for each of 1 image would take ")
        && many.errors.hasSuffix("; lower --num-return-sequences\n"), "\(many.errors)")
  }

  @Test func aTokenizerNeedsCaptions() throws {
    let folder = try TemporaryFolder()
    let captions = try folder.write(Data(" \n\n".utf8), to: "captions.txt")
    let run = try Command.run([
      "init", "--encoder-preset", "vit-micro", "--decoder-preset", "gpt2-micro", "--tokenizer-from",
      captions.path,
      "--output", folder.url.appendingPathComponent("model").path,
    ])
    #expect(
      run.status == 2
        && run.errors
          == "vignette: \(captions.path): holds no captions, of which a tokenizer could be made\n",
      "\(run.errors)")
  }

  /// BLIP and GIT have no halves that Transformers could join to others.
  @Test(arguments: ["blip/blip", "git/git"])
  func aWholeCaptionerIsNoHalf(name: String) throws {
    let folder = try TemporaryFolder()
    let run = try Command.run([
      "init", "--encoder", Fixture.url(name).path, "--decoder", Fixture.url("pretrained/bert-masked").path,
      "--output", folder.url.appendingPathComponent("model").path,
    ])
    let type = name.prefix { $0 != "/" }
    #expect(run.status == 2)
    #expect(
      run.errors.hasSuffix(
        "found \"\(type)\", a whole captioner, whose halves can't be joined to others: train it as it is, as --model\n"
      ),
      "\(run.errors)")
  }

  /// A file can ask for images whose attention no memory holds.
  @Test func moreAttentionThanMemory() throws {
    let folder = try TemporaryFolder()
    let model = folder.url.appendingPathComponent("model")
    try FileManager.default.copyItem(at: Fixture.url("models/vit-gpt2"), to: model)
    let file = model.appendingPathComponent("preprocessor_config.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    try Data(text.replacing(": 18", with: ": 4096").utf8).write(to: file)
    let run = try Command.run([
      "caption", "--model", model.path, "--interpolate-pos-encoding",
      Fixture.url("models/vit-gpt2/scene.png").path,
    ])
    #expect(run.status == 2 && run.errors.contains("preprocessor_config.json"), "\(run.status) \(run.errors)")
    #expect(!run.errors.contains("Fatal"), "\(run.errors)")
  }
}
