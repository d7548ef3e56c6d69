import VignetteCheckpoints
import Foundation
import VignetteFiles
import VignetteModels
import VignetteTensors
import Testing

/// Vision encoders by themselves.
@Suite struct EncoderTests {
  /// Positions learn through their interpolation, too.
  @Test(arguments: [
    "deit", "beit-absolute", "beit-oblong", "beit-oblong-resized", "swin-absolute", "clip", "clip-resized",
    "siglip", "siglip-resized", "dinov2", "dinov2-resized", "vit-msn", "data2vec-vision",
    "data2vec-vision-shared", "dinov2-swiglu", "dinov2-with-registers", "dinov2-with-registers-resized",
    "dinov3", "dinov3-resized", "swinv2", "swinv2-resized", "vit-mae", "vit-mae-resized",
  ])
  func imagesOfAnotherSize(name: String) throws {
    let reference = try ReferenceModel(name, in: "encoders")
    let (encoder, parameters) = try reference.loadEncoder(nil)
    for parameter in parameters { parameter.setTrainable(true) }
    let tape = Tape()
    let hidden = try encoder.encode(
      tape.watch(reference.tensor("pixel_values")), interpolatePositions: true)
    expectClose(hidden.floats, try reference.tensor("encoder_hidden").floats, 1e-5)
    tape.backward(from: hidden, gradient: try reference.tensor("weights"))
    try reference.checkGradients(of: parameters)
  }

  @Test(arguments: [
    "dinov2-swiglu", "dinov2-with-registers", "dinov3", "dinov3-resized", "swinv2", "vit-mae",
  ])
  func bfloat16IsClose(name: String) throws {
    guard Precision.supportsBFloat16 else { return }
    let reference = try ReferenceModel(name, in: "encoders")
    let (encoder, parameters) = try reference.loadEncoder(nil)
    for parameter in parameters { parameter.precision = .bfloat16 }
    let hidden = try encoder.encode(reference.tensor("pixel_values"), interpolatePositions: true)
    expectClose(
      hidden.cast(to: .float32).floats, try reference.tensor("encoder_hidden").floats, 4e-2)
  }

  @Test(arguments: [
    (#"{"model_type": "swin", "window_size": 7, "image_size": 96}"#, "window_size", "3 patches"),
    (#"{"model_type": "swin", "num_heads": [3, 6, 12, 25]}"#, "num_heads", "25 does not divide 768"),
    (#"{"model_type": "swin", "num_heads": [3, 6]}"#, "num_heads", "each of the 4 stages"),
    (#"{"model_type": "swin", "depths": []}"#, "depths", "1 to 8 stages"),
    (#"{"model_type": "swin", "depths": [2, 0, 2, 2]}"#, "depths[1]", "integer from 1"),
    (#"{"model_type": "swin", "mlp_ratio": 1e300}"#, "mlp_ratio", "units"),
    (#"{"model_type": "beit", "drop_path_rate": 1}"#, "drop_path_rate", "below 1"),
    (#"{"model_type": "beit", "patch_size": 256}"#, "patch_size", "no larger than image_size"),
    (#"{"model_type": "deit", "num_attention_heads": 5}"#, "num_attention_heads", "divisor of the width 768"),
    (#"{"model_type": "convnext"}"#, "model_type", "vit, deit, vit_msn, beit"),
    (
      #"{"model_type": "dinov2_with_registers", "num_register_tokens": -1}"#, "num_register_tokens",
      "0 to 1024"
    ),
    (#"{"model_type": "dinov3_vit", "num_attention_heads": 64}"#, "num_attention_heads", "multiple of 4"),
    (#"{"model_type": "dinov3_vit", "pos_embed_jitter": 0}"#, "pos_embed_jitter", "positive"),
    (#"{"model_type": "swinv2", "use_absolute_embeddings": true}"#, "use_absolute_embeddings", "false"),
    (
      #"{"model_type": "swinv2", "depths": [1, 1], "num_heads": [3, 3], "image_size": 4}"#, "depths",
      "be halved"
    ),
    (
      #"{"model_type": "swinv2", "pretrained_window_sizes": [8, 8, 1, 8]}"#, "pretrained_window_sizes",
      "4 stages"
    ),
    (#"{"model_type": "swinv2", "window_size": 65, "image_size": 1024}"#, "window_size", "at most 64"),
    (#"{"model_type": "swinv2", "pretrained_window_sizes": [8]}"#, "pretrained_window_sizes", "4 stages"),
    (
      #"{"model_type": "vit_mae", "hidden_size": 6, "num_attention_heads": 2}"#, "hidden_size",
      "multiple of 4"
    ),
    (#"{"model_type": "dinov2", "mlp_ratio": 0}"#, "mlp_ratio", "integer from 1"),
    (#"{"model_type": "vit_mae", "mask_ratio": "most"}"#, "mask_ratio", "a number"),
    (#"{"model_type": "vit_mae", "mask_ratio": 1.5}"#, "mask_ratio", "from 0 to below 1"),
    (#"{"model_type": "clip_vision_model", "patch_size": 256}"#, "patch_size", "no larger than image_size"),
  ])
  func configurationsThatDoNotFit(text: String, key: String, part: String) throws {
    let error = #expect(throws: JSONError.self) { try Self.makeEncoder(text) }
    #expect(error?.key == key && "\(error!)".contains(part), "\(error!)")
  }

  static let swin = #"""
    {"model_type": "swin", "embed_dim": 8, "depths": [1, 1], "num_heads": [2, 2], "window_size": 3, "image_size": 24,
     "use_absolute_embeddings": true
    """#
  static let beit = #"""
    {"model_type": "beit", "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
     "intermediate_size": 8, "image_size": 32, "use_relative_position_bias": true
    """#

  @Test(arguments: [
    (swin + "}", [3, 16, 24], true, "window_size 3 is larger than a feature map"),
    (swin + "}", [3, 32, 24], false, "ask for interpolated positions"),
    (swin + "}", [1, 24, 24], true, "1 × 24 × 24"),
    (beit + "}", [3, 15, 32], true, "3 × 15 × 32"),
    (beit + "}", [4, 32, 32], true, "4 × 32 × 32"),
  ])
  func imagesThatDoNotFit(text: String, shape: [Int], interpolate: Bool, part: String) throws {
    let encoder = try Self.makeEncoder(text)
    let error = #expect(throws: ModelError.self) {
      try encoder.encode(Tensor(zeros: [1] + shape), interpolatePositions: interpolate)
    }
    #expect("\(error!)".contains(part), "\(error!)")
  }

  /// The first layer is never skipped; the second is, for some images, and then whole.
  @Test(arguments: [swin, beit])
  func imagesSkipLayersInTraining(text: String) throws {
    let side = text == Self.swin ? 24 : 32
    var generator = RandomGenerator(seed: 1)
    let pixels = Tensor(
      (0..<3 * side * side).map { _ in Float(generator.normal()) }, shape: [1, 3, side, side])
    let copies = Tensor(Array(repeatElement(pixels.floats, count: 64).joined()), shape: [64, 3, side, side])
    func hidden(_ rate: Double, seed: UInt64?) throws -> Tensor {
      let encoder = try Self.makeEncoder("\(text), \"drop_path_rate\": \(rate)}")
      return try encoder.encode(Tape(dropoutSeed: seed).watch(copies), interpolatePositions: false)
    }
    let plain = try hidden(0, seed: 5)
    #expect(try hidden(0.5, seed: nil).floats == plain.floats)
    let dropped = try hidden(0.5, seed: 5).floats
    #expect(dropped == (try hidden(0.5, seed: 5).floats))
    let size = plain.count / 64
    let kinds = Set((0..<64).map { Array(dropped[$0 * size..<($0 + 1) * size]) })
    // Swin drops its second layer's attention; BEiT both halves of its own.
    #expect(kinds.count == (text == Self.swin ? 2 : 4))
  }

  /// Coordinates are stretched while the model learns, and never otherwise; another seed stretches them otherwise.
  @Test(arguments: [
    #""pos_embed_rescale": 2"#, #""pos_embed_rescale": null, "pos_embed_jitter": 1.5"#,
    #""pos_embed_rescale": null, "pos_embed_shift": 0.5"#, #""hidden_act": "gelu""#,
  ])
  func placesVaryInTraining(variation: String) throws {
    let encoder = try Self.makeEncoder(
      #"{"model_type": "dinov3_vit", "hidden_size": 16, "num_attention_heads": 2, "num_hidden_layers": 1, "#
        + #""intermediate_size": 8, "image_size": 12, "patch_size": 4, "initializer_range": 1, \#(variation)}"#
    )
    let pixels = Tensor((0..<432).map { Float($0 % 37) / 18 - 1 }, shape: [1, 3, 12, 12])
    func hidden(_ seed: UInt64?) throws -> [Float] {
      try encoder.encode(Tape(dropoutSeed: seed).watch(pixels), interpolatePositions: false).floats
    }
    #expect(encoder.drawsInTraining)
    #expect(try hidden(nil) == encoder.encode(pixels, interpolatePositions: false).floats)
    #expect(try hidden(1) == hidden(1))
    #expect(try hidden(1) != hidden(nil) && hidden(1) != hidden(2))
  }

  /// What a configuration leaves open is dropped out as the class does it by default.
  @Test(arguments: [
    (#"{"model_type": "beit"}"#, true), (#"{"model_type": "beit", "drop_path_rate": 0}"#, false),
    (#"{"model_type": "data2vec-vision"}"#, true),
    (#"{"model_type": "beit", "num_hidden_layers": 1}"#, false),
    (#"{"model_type": "swin"}"#, true), (#"{"model_type": "swin", "drop_path_rate": 0}"#, false),
    (#"{"model_type": "swinv2"}"#, true), (#"{"model_type": "vit"}"#, false),
    (#"{"model_type": "vit", "hidden_dropout_prob": 0.1}"#, true),
    (#"{"model_type": "clip_vision_model", "attention_dropout": 0.1}"#, true),
    (#"{"model_type": "dinov2", "drop_path_rate": 0.1}"#, true),
  ])
  func whatTrainingDropsOut(text: String, drops: Bool) throws {
    let json = JSONField(try JSONValue(parsing: Data(text.utf8), file: "config.json"), file: "config.json")
    let encoder = try EncoderArchitecture(json).makeEncoder(
      WeightBuilder(AbsentWeights()).root(.vision)["encoder"], json)
    #expect(encoder.drawsInTraining == drops)
  }

  /// Windows of which no memory holds a mask and a bias for each pair of patches are refused before they are made.
  @Test(arguments: [
    #"{"model_type": "swinv2", "embed_dim": 64, "depths": [2], "num_heads": [64], "window_size": 64, "#,
    #"{"model_type": "swin", "embed_dim": 64, "depths": [2], "num_heads": [64], "window_size": 64, "#,
  ])
  func windowsThatNoMemoryHolds(text: String) throws {
    let encoder = try Self.makeEncoder(text + #""image_size": 2048, "patch_size": 1}"#)
    let error = #expect(throws: TensorMemoryError.self) {
      try encoder.encode(Tensor(zeros: [1, 3, 2048, 2048]), interpolatePositions: false)
    }
    let message = "\(try #require(error))"
    #expect(
      message.hasPrefix(
        "the attention within windows of 64 × 64 patches of an image of 2048 × 2048 pixels would take"),
      "\(message)")
    #expect(message.hasSuffix("; lower size or crop_size in preprocessor_config.json"), "\(message)")
  }

  @Test func placesThatDoNotVary() throws {
    let encoder = try Self.makeEncoder(#"{"model_type": "dinov3_vit", "pos_embed_rescale": null}"#)
    #expect(!encoder.drawsInTraining)
  }

  /// Sines of a new masked autoencoder: those of columns come first, and training leaves all as they are.
  @Test func positionsOfAMaskedAutoencoderAreFixed() throws {
    let json = JSONField(
      try JSONValue(
        parsing: Data(
          #"{"model_type": "vit_mae", "hidden_size": 8, "num_attention_heads": 2, "image_size": [4, 6], "patch_size": 2}"#
            .utf8), file: "config.json"), file: "config.json")
    let builder = WeightBuilder(RandomWeights(seed: 1))
    _ = try EncoderArchitecture(json).makeEncoder(builder.root(.vision)["encoder"], json)
    let parameters = try builder.finish(ignoring: nil)
    let positions = try #require(parameters.first { $0.name.hasSuffix("position_embeddings") })
    positions.setTrainable(true)
    #expect(!positions.isTrainable && positions.shape == [1, 7, 8])
    var expected = [Float](repeating: 0, count: 8)
    for (row, column) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)].map({ (Float($0), Float($1)) }) {
      for place in [column, row] {
        expected += [sin(place), sin(place / 100), cos(place), cos(place / 100)]
      }
    }
    expectClose(positions.value.floats, expected, 1e-6)
  }

  private static func makeEncoder(_ text: String) throws -> any VisionEncoder {
    let json = JSONField(try JSONValue(parsing: Data(text.utf8), file: "config.json"), file: "config.json")
    let builder = WeightBuilder(RandomWeights(seed: 1))
    let encoder = try EncoderArchitecture(json).makeEncoder(builder.root(.vision)["encoder"], json)
    _ = try builder.finish(ignoring: nil)
    return encoder
  }
}
