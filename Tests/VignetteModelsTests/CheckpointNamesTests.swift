import Foundation
import Testing
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// Checkpoints whose tensors are named otherwise, lacking or of another shape.
@Suite struct CheckpointNamesTests {
  /// Pairs, and what their embedding and head are called.
  static let ties = [
    ("models", "vit-gpt2", ["transformer.wte.weight": "lm_head.weight"]),
    (
      "architectures", "deit-bert",
      [
        "bert.embeddings.word_embeddings.weight": "cls.predictions.decoder.weight",
        "cls.predictions.bias": "cls.predictions.decoder.bias",
      ]
    ),
    (
      "architectures", "deit-roberta",
      [
        "roberta.embeddings.word_embeddings.weight": "lm_head.decoder.weight",
        "lm_head.bias": "lm_head.decoder.bias",
      ]
    ),
    ("architectures", "deit-trocr", ["model.decoder.embed_tokens.weight": "output_projection.weight"]),
    ("architectures", "vit-bart", ["model.decoder.embed_tokens.weight": "lm_head.weight"]),
    ("architectures", "vit-mbart", ["model.decoder.embed_tokens.weight": "lm_head.weight"]),
    (
      "architectures", "vit-electra",
      ["electra.embeddings.word_embeddings.weight": "generator_lm_head.weight"]
    ),
    (
      "architectures", "vit-bert-generation",
      [
        "bert.embeddings.word_embeddings.weight": "lm_head.decoder.weight",
        "lm_head.bias": "lm_head.decoder.bias",
      ]
    ),
  ]

  /// What `safetensors.torch.save_model` and `torch.save` leave of a tied weight.
  @Test(arguments: ties, [WeightsFormat.safetensors, .pytorch])
  func tiedWeightsUnderTheHeadsName(
    pair: (part: String, name: String, tied: [String: String]), format: WeightsFormat
  ) throws {
    let reference = try ReferenceModel(pair.name, in: pair.part)
    let model = try Self.reload(reference, format) { name in
      let own = String(name.dropFirst("decoder.".count))
      return pair.tied[own].map { "decoder.\($0)" } ?? name
    }
    try Self.expectSame(model, reference)
  }

  /// DistilBERT's, which no pair of Transformers' has.
  @Test(arguments: [WeightsFormat.safetensors, .pytorch])
  func tiedWeightsOfDistilBERT(format: WeightsFormat) throws {
    let model = try ReferenceDecoder("distilbert").model
    let (words, head) = (
      "decoder.distilbert.embeddings.word_embeddings.weight", "decoder.vocab_projector.weight"
    )
    #expect(!model.parameters.contains { $0.name == head })
    let folder = try TemporaryFolder()
    try model.save(to: folder.url)
    let tensors = model.parameters.map { parameter in
      let name = parameter.name == words ? head : parameter.name
      return WritableTensor(name: name, elementType: .float32, shape: parameter.shape) { write in
        try parameter.value.withFloats { try write(UnsafeRawBufferPointer($0)) }
      }
    }
    try FileManager.default.removeItem(at: folder.url.appendingPathComponent("model.safetensors"))
    try WeightsWriter.write(tensors, format: format, to: folder.url)
    let loaded = try CaptionFamily.loadModel(at: folder.url)
    #expect(loaded.parameters.map(\.name) == model.parameters.map(\.name))
    for (own, other) in zip(loaded.parameters, model.parameters) {
      #expect(own.value.floats == other.value.floats, "\(own.name)")
    }
  }

  /// The names that Transformers 5 uses in memory.
  @Test(arguments: [
    ("models", "vit-gpt2"), ("architectures", "deit-bert"), ("architectures", "beit-roberta"),
    ("architectures", "beit-gpt2"), ("architectures", "beit-bert"), ("architectures", "swin-bert"),
  ])
  func namesOfTransformers5(part: String, name: String) throws {
    let reference = try ReferenceModel(name, in: part)
    var renamed = 0
    let model = try Self.reload(reference, .safetensors) { name in
      let other = Self.nameInMemory(name)
      renamed += other == name ? 0 : 1
      return other
    }
    #expect(renamed > 10)
    try Self.expectSame(model, reference)
  }

  private static func nameInMemory(_ name: String) -> String {
    guard name.hasPrefix("encoder.") else { return name }
    var name = name
    for (old, new) in [
      (
        #"^encoder\.encoder\.layer\.(\d+)\.attention\.attention\.relative_position_bias\."#,
        "encoder.encoder.layer.$1.relative_position_bias."
      ),
      (#"^encoder\.encoder\.relative_position_bias\."#, "encoder.shared_position_bias."),
      (#"^encoder\.encoder\.layer\."#, "encoder.layers."),
      (#"\.attention\.(attention|self)\.query\."#, ".attention.q_proj."),
      (#"\.attention\.(attention|self)\.key\."#, ".attention.k_proj."),
      (#"\.attention\.(attention|self)\.value\."#, ".attention.v_proj."),
      (
        #"\.attention\.self\.relative_position_bias_table$"#,
        ".attention.relative_position_bias.relative_position_bias_table"
      ),
      (#"\.attention\.output\.dense\."#, ".attention.o_proj."),
      (#"\.intermediate\.dense\."#, ".mlp.fc1."), (#"\.output\.dense\."#, ".mlp.fc2."),
    ] {
      name = name.replacingOccurrences(of: old, with: new, options: .regularExpression)
    }
    return name
  }

  /// A decoder like BERT read the shape of its embedding before it was known to be there.
  @Test(arguments: ties)
  func embeddingsThatAreLacking(part: String, name: String, tied: [String: String]) throws {
    let embedding = "decoder." + (tied.keys.first { $0.contains("embed") || $0.contains("wte") } ?? "")
    let reference = try ReferenceModel(name, in: part)
    let missing = #expect(throws: ModelError.self) {
      try Self.reload(reference, .safetensors) { $0 == embedding ? nil : $0 }
    }
    #expect("\(try #require(missing))".contains("lacks 1 tensor (\(embedding))"), "\(missing!)")
    let misshaped = #expect(throws: ModelError.self) {
      try Self.reload(reference, .safetensors, shape: { $0 == embedding ? [$1.reduce(1, *)] : $1 }) { $0 }
    }
    #expect("\(try #require(misshaped))".contains("\(embedding) has shape"), "\(misshaped!)")
  }

  @Test func allFaultsAreReported() throws {
    let reference = try ReferenceModel("deit-bert", in: "architectures")
    let error = #expect(throws: ModelError.self) {
      try Self.reload(
        reference, .safetensors, shape: { $0.hasSuffix("cls_token") ? [$1.reduce(1, *)] : $1 }
      ) { name in
        name.hasSuffix("word_embeddings.weight")
          ? nil : name.hasSuffix("transform.dense.bias") ? "decoder.cls.odd" : name
      }
    }
    let text = "\(try #require(error))"
    for part in ["cls_token has shape", "lacks 2 tensors", "word_embeddings.weight", "decoder.cls.odd"] {
      #expect(text.contains(part), "\(text)")
    }
  }

  @Test func endTokensAsAList() throws {
    let json = try JSONField(
      text: Array(
        #"{"model_type": "vision-encoder-decoder", "eos_token_id": [7, 9], "encoder": {}, "decoder": {"model_type": "gpt2"}}"#
          .utf8), file: "config.json")
    #expect(try VisionEncoderDecoderConfiguration(json).shared.endTokenIDs == [7, 9])
    #expect(try GenerationOptions.checkpoint(generationConfig: nil, config: json).eosTokenIDs == [7, 9])
    let decoders = try JSONField(
      text: Array(
        #"{"model_type": "vision-encoder-decoder", "encoder": {}, "decoder": {"model_type": "gpt2", "eos_token_id": [3]}}"#
          .utf8), file: "config.json")
    #expect(try VisionEncoderDecoderConfiguration(decoders).shared.endTokenID == 3)
  }

  /// As Transformers 4 wrote TrOCR: what starts, ends and fills texts, and how long they are, stands in the decoder.
  @Test func valuesOfTheDecoder() throws {
    let json = try JSONField(
      text: Array(
        #"""
        {
          "architectures": ["VisionEncoderDecoderModel"],
          "decoder": {
            "add_cross_attention": true, "bos_token_id": 0, "cross_attention_hidden_size": 768,
            "decoder_start_token_id": 2, "eos_token_id": 2, "forced_bos_token_id": null, "is_decoder": true,
            "max_length": 64, "model_type": "trocr", "num_beams": 4, "pad_token_id": 1, "use_cache": false
          },
          "encoder": {"image_size": 384, "max_length": 20, "model_type": "vit", "qkv_bias": false},
          "is_encoder_decoder": true, "model_type": "vision-encoder-decoder", "tie_word_embeddings": false
        }
        """#.utf8), file: "config.json")
    let shared = try VisionEncoderDecoderConfiguration(json).shared
    #expect(shared.decoderStartTokenID == 2 && shared.endTokenIDs == [2] && shared.padTokenID == 1)
    let options = try GenerationOptions.checkpoint(generationConfig: nil, config: json)
    #expect(options.decoderStartTokenID == 2 && options.eosTokenIDs == [2] && options.padTokenID == 1)
    #expect(options.maxLength == 64 && options.numBeams == 4)
  }

  /// What old files hold beside the weights.
  @Test(arguments: [
    ("vit-trocr-sinusoidal", "decoder.model.decoder.embed_positions._float_tensor"),
    ("vit-bart", "decoder.model.decoder.version"),
    ("vit-electra", "decoder.electra.embeddings.position_ids"),
    ("vit-xlm-roberta", "decoder.roberta.embeddings.position_ids"),
  ])
  func tensorsThatAreIgnored(name: String, ignored: String) throws {
    let reference = try ReferenceModel(name, in: "architectures")
    let model = try Self.reload(reference, .pytorch, and: [ignored]) { $0 }
    try Self.expectSame(model, reference)
    #expect(throws: ModelError.self) { try Self.reload(reference, .pytorch, and: ["\(ignored)s"]) { $0 } }
  }

  /// The reference's checkpoint written anew, with other names, or without some tensors, and loaded.
  private static func reload(
    _ reference: ReferenceModel, _ format: WeightsFormat, and more: [String] = [],
    shape: (String, [Int]) -> [Int] = { $1 }, _ rename: (String) -> String?
  ) throws -> any CaptionModel {
    let folder = try TemporaryFolder()
    let tensors = try reference.storedTensors().compactMap { stored -> WritableTensor? in
      guard let name = rename(stored.name) else { return nil }
      let values = stored.floats()
      return WritableTensor(name: name, elementType: .float32, shape: shape(name, stored.shape)) { write in
        try values.withUnsafeBytes { try write($0) }
      }
    }
    let added = more.map { name in
      WritableTensor(name: name, elementType: .float32, shape: [1]) { write in
        try [Float(0)].withUnsafeBytes { try write($0) }
      }
    }
    try WeightsWriter.write(tensors + added, format: format, to: folder.url)
    try FileManager.default.copyItem(
      at: reference.folder.appendingPathComponent("config.json"),
      to: folder.url.appendingPathComponent("config.json"))
    return try CaptionFamily.loadModel(at: folder.url)
  }

  private static func expectSame(_ model: any CaptionModel, _ reference: ReferenceModel) throws {
    let names = try reference.load().parameters.map(\.name)
    #expect(model.parameters.map(\.name) == names)
    let features = try model.encode(reference.tensor("pixel_values"))
    let logits = model.logits(tokens: try reference.rows("decoder_input_ids"), features: features)
    expectClose(logits.floats, try reference.tensor("logits").floats, 1e-5)
  }
}
