import Foundation
import VignetteTestSupport
import Testing
import Vignette
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTokenizers

/// Every encoder with every decoder, through the command.
@Suite(.serialized) struct PairTests {
  /// `init` → `train` → `caption` → loading what was written.
  @Test(arguments: PretrainedEncoder.each, PretrainedDecoder.withHead)
  func pairsTrainAndCaption(encoder: PretrainedEncoder, decoder: PretrainedDecoder) async throws {
    let folder = try TemporaryFolder()
    let (model, run, copy) = (
      folder.url.appendingPathComponent("model"), folder.url.appendingPathComponent("run"),
      folder.url.appendingPathComponent("copy")
    )
    let new = try Self.initialize(encoder, decoder, model)
    #expect(new == decoder.newWeights(encoderWidth: encoder.width))
    try Self.checkConfiguration(model, encoder, decoder)

    let image = try Self.writeImages(folder)
    try Self.succeed([
      "train", "--model", model.path, "--dataset", "imagefolder", "--data-dir", folder.url.path, "--output",
      run.path, "--max-steps", "3", "--per-device-train-batch-size", "2", "--learning-rate", "1e-2",
      "--logging-steps", "1", "--report-to", "none", "--eval-strategy", "no", "--save-strategy", "no",
    ])
    let losses = try TrainCommandTests.losses(folder.url, "run")
    #expect(losses.count == 3 && losses.allSatisfy { $0.isFinite && $0 > 0 }, "\(losses)")
    try Self.checkConfiguration(run, encoder, decoder)
    let trained = try CaptionFamily.loadModel(at: run)
    try Self.expectEveryPartLearned(from: CaptionFamily.loadModel(at: model), trained)

    let caption = try Self.caption(run, image)
    #expect(try await caption == Captioner(modelAt: run).caption(image).text)
    try Self.succeed([
      "convert", "--model", run.path, "--output", copy.path, "--weights-format", "pytorch",
    ])
    #expect(try Self.logits(CaptionFamily.loadModel(at: copy)) == Self.logits(trained))
    #expect(try Self.caption(copy, image) == caption)
  }

  /// Plain encoders and classifiers, for a decoder of the same width and one of another.
  @Test(arguments: PretrainedEncoder.all)
  func encodersOfAllKinds(encoder: PretrainedEncoder) throws {
    for decoder in PretrainedDecoder.withHead where ["gpt2", "roberta"].contains(decoder.modelType) {
      let folder = try TemporaryFolder()
      #expect(
        try Self.initialize(encoder, decoder, folder.url) == decoder.newWeights(encoderWidth: encoder.width))
    }
  }

  /// Bodies, masked language models and language models. A head that isn't there is drawn anew.
  @Test(arguments: PretrainedDecoder.all)
  func decodersOfAllKinds(decoder: PretrainedDecoder) throws {
    let folder = try TemporaryFolder()
    let encoder = PretrainedEncoder.all[0]
    #expect(
      try Self.initialize(encoder, decoder, folder.url) == decoder.newWeights(encoderWidth: encoder.width))
    try Self.checkConfiguration(folder.url, encoder, decoder)
  }

  /// A masked autoencoder leaves out no patch of an image that is to be told: who loads the captioner reads so.
  @Test func nothingIsMasked() throws {
    let folder = try TemporaryFolder()
    let encoder = try #require(PretrainedEncoder.all.first { $0.folder == "vit-mae" })
    let before = try JSONField(contentsOf: Fixture.url("pretrained/vit-mae/config.json"))
    #expect(try before["mask_ratio"].value() == 0.75)
    _ = try Self.initialize(encoder, PretrainedDecoder.withHead[0], folder.url)
    let file = folder.url.appendingPathComponent("config.json")
    #expect(try JSONField(contentsOf: file)["encoder"]["mask_ratio"].value() == 0.0)

    let masking = try String(contentsOf: file, encoding: .utf8)
      .replacing(/"mask_ratio": 0\.0/, with: #""mask_ratio": 0.75"#)
    let expected = try Self.logits(CaptionFamily.loadModel(at: folder.url))
    try folder.write(Data(masking.utf8), to: "config.json")
    let model = try CaptionFamily.loadModel(at: folder.url)
    #expect(try Self.logits(model) == expected)
    try model.save(to: folder.url)
    #expect(try JSONField(contentsOf: file)["encoder"]["mask_ratio"].value() == 0.0)
  }

  /// Runs `init` and returns the weights that it says are new.
  private static func initialize(_ encoder: PretrainedEncoder, _ decoder: PretrainedDecoder, _ output: URL)
    throws -> Set<String>
  {
    let run = try succeed([
      "init", "--encoder", Fixture.url("pretrained/\(encoder.folder)").path, "--decoder",
      Fixture.url("pretrained/\(decoder.folder)").path, "--output", output.path,
    ])
    let lines = run.errors.split(separator: "\n")
    let names = lines.filter { $0.hasPrefix("  ") }.map { String($0.dropFirst(2)) }
    let expected =
      names.isEmpty
      ? "no new weights: both halves bring all of theirs"
      : "new weights, which training must teach (\(names.count)):"
    #expect(lines.first.map(String.init) == expected)
    return Set(names)
  }

  private static func checkConfiguration(
    _ folder: URL, _ encoder: PretrainedEncoder, _ decoder: PretrainedDecoder
  ) throws {
    let config = try JSONField(contentsOf: folder.appendingPathComponent("config.json"))
    #expect(try config["model_type"].value() == "vision-encoder-decoder")
    #expect(try config["encoder"]["model_type"].value() == encoder.modelType)
    #expect(try config["decoder"]["model_type"].value() == decoder.modelType)
    #expect(try config["decoder"]["is_decoder"].value() == true)
    #expect(try config["decoder"]["add_cross_attention"].value() == true)
    let tokenizer = try AutoTokenizer.load(from: folder, modelType: decoder.modelType)
    let generation = try JSONField(contentsOf: folder.appendingPathComponent("generation_config.json"))
    for (field, token) in [
      ("decoder_start_token_id", decoder.tokens.start), ("eos_token_id", decoder.tokens.end),
      ("pad_token_id", decoder.tokens.padding),
    ] {
      let id = try #require(tokenizer.tokenID(for: token))
      #expect(try config[field].value() == id && generation[field].value() == id, "\(field)")
    }
  }

  /// Two images with two captions each to learn, and two to measure; returns one.
  private static func writeImages(_ folder: TemporaryFolder) throws -> URL {
    let scene = try Fixture.data("models/vit-gpt2/scene.png")
    let captions = [
      ["a red tent stands under the sun.", "the sun shines over a tent."],
      ["a small dog.", "two birds sing."],
    ]
    for split in ["train", "validation"] {
      let lines = try captions.enumerated().map { index, texts in
        try folder.write(scene, to: "\(split)/\(index).png")
        return #"{"file_name": "\#(index).png", "captions": ["\#(texts[0])", "\#(texts[1])"]}"#
      }
      try folder.write(Data(lines.joined(separator: "\n").utf8), to: "\(split)/metadata.jsonl")
    }
    return folder.url.appendingPathComponent("train/0.png")
  }

  private static func expectEveryPartLearned(
    from before: any CaptionModel, _ after: any CaptionModel
  ) throws {
    #expect(before.parameters.map(\.name) == after.parameters.map(\.name))
    // What stands before the first number, if any, tells the part: the embeddings, layers or head of either half.
    var learned: [Substring: Bool] = [:]
    for (old, new) in zip(before.parameters, after.parameters) {
      guard !new.isFixed else {
        #expect(new.value.floats == old.value.floats, "\(new.name)")
        continue
      }
      #expect(new.value.floats.allSatisfy { $0.isFinite }, "\(new.name)")
      let part = new.name.prefix { !$0.isNumber }
      learned[part] = learned[part, default: false] || old.value.floats != new.value.floats
    }
    #expect(learned.values.allSatisfy { $0 }, "\(learned)")
  }

  private static func caption(_ model: URL, _ image: URL) throws -> String {
    let run = try succeed(["caption", "--model", model.path, image.path])
    #expect(run.output.hasSuffix("\n") && run.errors.isEmpty, "\(run.errors)")
    return String(run.output.dropLast())
  }

  private static func logits(_ model: any CaptionModel) throws -> [Float] {
    let pixels = Tensor((0..<2 * 3 * 16 * 16).map { Float($0 % 37) / 18 - 1 }, shape: [2, 3, 16, 16])
    return model.logits(tokens: [[2, 7, 9], [2, 8, 20]], features: try model.encode(pixels)).floats
  }

  @discardableResult
  private static func succeed(_ arguments: [String]) throws -> Command.Result {
    let run = try Command.run(arguments)
    #expect(run.status == 0, "\(run.errors)")
    return run
  }
}
