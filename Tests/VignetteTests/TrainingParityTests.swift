import Foundation
import VignetteCheckpoints
import VignetteImages
import VignetteTestSupport
import Testing

/// The command against Transformers' Seq2SeqTrainer, from images and texts to the losses in `trainer_state.json`.
@Suite struct TrainingParityTests {
  private struct Reference: Decodable {
    struct Arguments: Decodable {
      let perDeviceTrainBatchSize: Int
      let learningRate: Double
      let lrSchedulerType: String
      let weightDecay: Double?
      let warmupSteps: Int?
      let labelSmoothingFactor: Double?
      let maxGradNorm: Double?
    }
    let labels: String
    let width: Int?
    let examples: Int
    let arguments: Arguments
    let loss: [Double]
  }

  private struct Examples: Decodable { let captions: [[Int]] }

  /// The reference's images, its captions as words, its model with a tokenizer of these words.
  ///
  /// - Parameter initial: the checkpoint that the run starts from.
  private static func prepare(examples: Int, initial: String = "training/initial") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let captions = try Fixture.json(Examples.self, "training/data.json").captions
    for (split, numbers) in [("train", 0..<examples), ("validation", 0..<1)] {
      let rows = try numbers.map { number in
        try folder.write(Data(PNGEncoder.encode(image(number))), to: "data/\(split)/\(number).png")
        let text = captions[number].map { "w\($0)" }.joined(separator: " ")
        return #"{"file_name": "\#(number).png", "caption": "\#(text)"}"#
      }
      try folder.write(Data(rows.joined(separator: "\n").utf8), to: "data/\(split)/metadata.jsonl")
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: Fixture.url(initial).path) {
      try folder.write(Fixture.data("\(initial)/\(name)"), to: "model/\(name)")
    }
    let processor = #"""
      {"image_processor_type": "ViTImageProcessor", "do_resize": false, "do_rescale": true, "do_normalize": true,
       "rescale_factor": 0.00392156862745098, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
      """#
    try folder.write(Data(processor.utf8), to: "model/preprocessor_config.json")
    // WordPiece, with a word for each token that the captions have.
    let words = ["[UNK]"] + (1..<44).map { "w\($0)" } + ["[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    let vocabulary = words.joined(separator: "\n")
    try folder.write(Data(vocabulary.utf8), to: "model/vocab.txt")
    try folder.write(Data(#"{"tokenizer_class": "BertTokenizer"}"#.utf8), to: "model/tokenizer_config.json")
    return folder
  }

  /// [12, 12, 3], as image files have them.
  private static func image(_ number: Int) -> RGBImage {
    let (side, planes) = (ReferenceImage.side, ReferenceImage.planes(number))
    let pixels = (0..<planes.count).map { planes[$0 % 3 * side * side + $0 / 3] }
    return RGBImage(width: side, height: side, pixels: pixels)
  }

  /// The tutorial's run of 60 steps; decay; warm-up, cosine and smoothing; two accumulated batches for one large one.
  @Test(arguments: [("tutorial", 1), ("decayed", 1), ("smoothed", 1), ("large-batch", 2)])
  func lossesEqualTransformers(name: String, accumulation: Int) throws {
    let reference = try Fixture.json(Reference.self, "training/\(name).json", fromSnakeCase: true)
    try Self.expectLosses(
      of: reference, in: Self.prepare(examples: reference.examples), accumulation: accumulation)
  }

  /// Captions between BLIP's start token, which the tokenizer doesn't have, and [SEP], with the model's own smoothing;
  /// captions behind the tokens of the image.
  @Test(arguments: ["blip", "git"])
  func lossesOfFamiliesEqualTransformers(family: String) throws {
    let reference = try Fixture.json(Reference.self, "\(family)/training/run.json", fromSnakeCase: true)
    let folder = try Self.prepare(examples: reference.examples, initial: "\(family)/training/initial")
    try Self.expectLosses(of: reference, in: folder)
    let (own, theirs) = try (
      SafetensorsFile(at: folder.url.appendingPathComponent("run/model.safetensors")).tensors,
      SafetensorsFile(at: Fixture.url("\(family)/training/final.safetensors")).tensors
    )
    #expect(own.map(\.name).sorted() == theirs.map(\.name).sorted())
    // The gradient of a key's bias is zero but for rounding, which Adam magnifies.
    let keys = ["key.bias", "k_proj.bias", "qkv.bias"]
    for expected in theirs where !keys.contains(where: expected.name.hasSuffix) {
      let found = try #require(own.first { $0.name == expected.name }).floats()
      let scale = expected.floats().map(abs).max() ?? 0
      let difference = zip(found, expected.floats()).map { abs($0 - $1) }.max() ?? 0
      #expect(difference <= 1e-3 * scale, "\(expected.name): \(difference) of \(scale)")
    }
  }

  private static func expectLosses(
    of reference: Reference, in folder: TemporaryFolder, accumulation: Int = 1
  ) throws {
    let output = folder.url.appendingPathComponent("run")
    let asked = reference.arguments
    var arguments = [
      "train", "--model", folder.url.appendingPathComponent("model").path, "--dataset", "imagefolder",
      "--data-dir",
      folder.url.appendingPathComponent("data").path, "--output", output.path, "--num-train-epochs", "3",
      "--per-device-train-batch-size", "\(asked.perDeviceTrainBatchSize / accumulation)",
      "--gradient-accumulation-steps", "\(accumulation)", "--learning-rate", "\(asked.learningRate)",
      "--lr-scheduler-type", asked.lrSchedulerType, "--weight-decay", "\(asked.weightDecay ?? 0)",
      "--warmup-steps",
      "\(asked.warmupSteps ?? 0)", "--label-smoothing-factor", "\(asked.labelSmoothingFactor ?? 0)",
      "--max-grad-norm", "\(asked.maxGradNorm ?? 1)", "--no-shuffle", "--no-group-captions",
      "--logging-steps", "1",
      "--eval-strategy", "no", "--save-strategy", "no", "--report-to", "none",
    ]
    if reference.labels == "pad" {
      arguments += [
        "--pad-to-max-length", "--loss-on-padding", "--max-target-length", "\(reference.width ?? 128)",
      ]
    }
    let result = try Command.run(arguments)
    try #require(result.status == 0, "\(result.errors)")
    let state = try TrainRun.State.decoder.decode(
      TrainRun.State.self, from: Data(contentsOf: output.appendingPathComponent("trainer_state.json")))
    #expect(state.losses.count == reference.loss.count)
    for (step, (own, theirs)) in zip(state.losses, reference.loss).enumerated() {
      #expect(abs(own - theirs) <= 1e-5 * theirs, "step \(step + 1): \(own), \(theirs)")
    }
  }
}
