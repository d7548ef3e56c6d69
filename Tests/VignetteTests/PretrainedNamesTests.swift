import Foundation
import Testing
import Vignette
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// Pretrained halves whose tensors have other names than usual give the same captioner.
@Suite struct PretrainedNamesTests {
  /// Language models, and what their embedding and head are called: `safetensors.torch.save_model` keeps one of two.
  @Test(
    arguments: [
      ("gpt2-language", ["transformer.wte.weight": "lm_head.weight"]),
      (
        "bert-masked",
        [
          "bert.embeddings.word_embeddings.weight": "cls.predictions.decoder.weight",
          "cls.predictions.bias": "cls.predictions.decoder.bias",
        ]
      ),
      (
        "roberta-masked",
        [
          "roberta.embeddings.word_embeddings.weight": "lm_head.decoder.weight",
          "lm_head.bias": "lm_head.decoder.bias",
        ]
      ),
      ("distilbert-masked", ["distilbert.embeddings.word_embeddings.weight": "vocab_projector.weight"]),
    ], [WeightsFormat.safetensors, .pytorch])
  func tiedWeightsUnderTheHeadsName(decoder: (name: String, tied: [String: String]), format: WeightsFormat)
    throws
  {
    let original = Fixture.url("pretrained/\(decoder.name)")
    let (folder, renamed) = try Self.rename(original, format) { decoder.tied[$0] ?? $0 }
    #expect(renamed == decoder.tied.count)
    let encoder = EncoderSource.pretrained(Fixture.url("pretrained/vit"))
    try Self.expectSame(
      ModelInitializer(encoder: encoder, decoder: .pretrained(folder.url), seed: 1),
      ModelInitializer(encoder: encoder, decoder: .pretrained(original), seed: 1))
  }

  /// The names that Transformers 5 uses in memory, in models alone and below a classifier.
  @Test(arguments: [
    "vit", "vit-classifier", "deit", "beit", "beit-classifier", "swin", "swin-classifier", "vit-msn",
    "vit-mae",
  ])
  func namesOfTransformers5(encoder: String) throws {
    let original = Fixture.url("pretrained/\(encoder)")
    let (folder, renamed) = try Self.rename(original, .safetensors, Self.nameInMemory)
    #expect(renamed > 10)
    let decoder = DecoderSource.pretrained(Fixture.url("pretrained/gpt2-language"))
    try Self.expectSame(
      ModelInitializer(encoder: .pretrained(folder.url), decoder: decoder, seed: 1),
      ModelInitializer(encoder: .pretrained(original), decoder: decoder, seed: 1))
  }

  private static func nameInMemory(_ name: String) -> String {
    let rules = [
      (
        #"(^|\.)encoder\.layer\.(\d+)\.attention\.attention\.relative_position_bias\."#,
        "$1encoder.layer.$2.relative_position_bias."
      ),
      (#"(^|\.)encoder\.relative_position_bias\."#, "$1shared_position_bias."),
      (#"(^|\.)encoder\.layer\."#, "$1layers."),
      (#"\.attention\.(attention|self)\.query\."#, ".attention.q_proj."),
      (#"\.attention\.(attention|self)\.key\."#, ".attention.k_proj."),
      (#"\.attention\.(attention|self)\.value\."#, ".attention.v_proj."),
      (
        #"\.attention\.self\.relative_position_bias_table$"#,
        ".attention.relative_position_bias.relative_position_bias_table"
      ),
      (#"\.attention\.output\.dense\."#, ".attention.o_proj."), (#"\.intermediate\.dense\."#, ".mlp.fc1."),
      (#"\.output\.dense\."#, ".mlp.fc2."),
    ]
    return rules.reduce(name) {
      $0.replacingOccurrences(of: $1.0, with: $1.1, options: .regularExpression)
    }
  }

  /// A copy of a folder whose tensors have other names; and how many have.
  private static func rename(
    _ original: URL, _ format: WeightsFormat, _ other: (String) -> String
  ) throws -> (TemporaryFolder, Int) {
    let folder = try TemporaryFolder()
    let names = try FileManager.default.contentsOfDirectory(atPath: original.path)
    for name in names where !name.hasSuffix(".safetensors") && !name.hasSuffix(".bin") {
      try folder.write(Data(contentsOf: original.appendingPathComponent(name)), to: name)
    }
    let checkpoint = try CheckpointFolder(at: original)
    var tensors: [String: StoredTensor] = [:]
    for name in checkpoint.names { tensors[other(name)] = try checkpoint.tensor(named: name) }
    let written = tensors.sorted { $0.key < $1.key }.map { name, stored in
      let values = stored.floats()
      return WritableTensor(name: name, elementType: .float32, shape: stored.shape) { write in
        try values.withUnsafeBytes { try write($0) }
      }
    }
    try WeightsWriter.write(written, format: format, to: folder.url)
    return (folder, checkpoint.names.count { other($0) != $0 })
  }

  private static func expectSame(_ one: ModelInitializer, _ other: ModelInitializer) {
    let (ours, theirs) = (one.parts.model.parameters, other.parts.model.parameters)
    #expect(ours.map(\.name) == theirs.map(\.name) && one.freshNames == other.freshNames)
    for (our, their) in zip(ours, theirs) { #expect(our.value.floats == their.value.floats, "\(our.name)") }
  }
}
