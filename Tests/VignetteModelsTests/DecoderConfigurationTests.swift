import VignetteCheckpoints
import Foundation
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport
import Testing

/// What decoders take from config.json and from checkpoints of other models.
@Suite struct DecoderConfigurationTests {
  private static let bert: [String: JSONValue] = [
    "model_type": "bert", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
    "intermediate_size": 8, "max_position_embeddings": 6, "add_cross_attention": true,
  ]
  private static let roberta = bert.merging(["model_type": "roberta"]) { $1 }
  private static let distilbert: [String: JSONValue] = [
    "model_type": "distilbert", "vocab_size": 9, "dim": 8, "n_layers": 1, "n_heads": 2, "hidden_dim": 8,
    "max_position_embeddings": 6, "add_cross_attention": true, "sinusoidal_pos_embds": true,
  ]

  private static let electra = bert.merging(["model_type": "electra", "embedding_size": 4]) { $1 }
  private static let bart: [String: JSONValue] = [
    "model_type": "bart", "vocab_size": 9, "d_model": 8, "decoder_layers": 1, "decoder_attention_heads": 2,
    "decoder_ffn_dim": 8, "max_position_embeddings": 6,
  ]
  private static let mbart = bart.merging(["model_type": "mbart"]) { $1 }
  private static let trocr = bart.merging(["model_type": "trocr"]) { $1 }
  private static let narrowBART = bart.merging(["d_model": 4]) { $1 }
  private static let narrowTrOCR = trocr.merging(["d_model": 4]) { $1 }
  private static let sinusoidal = trocr.merging(["use_learned_position_embeddings": false]) { $1 }

  private func configuration(_ decoder: [String: JSONValue]) throws -> VisionEncoderDecoderConfiguration {
    let encoder: JSONValue = [
      "model_type": "vit", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1,
      "intermediate_size": 4, "image_size": 4, "patch_size": 2,
    ]
    return try VisionEncoderDecoderConfiguration(
      JSONField(
        [
          "model_type": "vision-encoder-decoder", "encoder": encoder,
          "decoder": .object(JSONObject(decoder.map { ($0, $1) })),
        ], file: "config.json"))
  }

  @Test(
    arguments: [
      (bert, "num_attention_heads", 3, "divisor of the width 8"), (bert, "hidden_act", "mish", "one of gelu"),
      (bert, "pad_token_id", 9, "from 0 to 8"), (bert, "pad_token_id", -1, "from 0 to 8"),
      (bert, "position_embedding_type", "relative_key", "absolute"),
      (bert, "add_cross_attention", false, "attends to the image"),
      (roberta, "max_position_embeddings", 2, "more than pad_token_id + 1 = 2"),
      (roberta, "add_cross_attention", false, "attends to the image"),
      (distilbert, "n_heads", 5, "divisor of the width 8"),
      (distilbert, "add_cross_attention", false, "attends to the image"),
      (electra, "embedding_size", 0, "an integer from 1"), (electra, "add_cross_attention", false, "attends"),
      (bart, "decoder_attention_heads", 3, "divisor of the width 8"),
      (bart, "decoder_layerdrop", 1, "below 1"), (mbart, "activation_function", "mish", "one of gelu"),
      (trocr, "pad_token_id", 9, "from 0 to 8"),
      (trocr, "cross_attention_hidden_size", 4, "the encoder's width, 8"),
      (trocr, "cross_attention_hidden_size", 0, "an integer from 1"),
      (bart, "cross_attention_hidden_size", 4, "the encoder's width, 8"),
      (sinusoidal, "d_model", 2, "at least 4"),
      (sinusoidal, "max_position_embeddings", 8_388_608, "at most 8388606 sinusoidal positions"),
    ] as [([String: JSONValue], String, JSONValue, String)])
  func errorsNameTheField(fields: [String: JSONValue], field: String, value: JSONValue, text: String) throws {
    let configuration = try configuration(fields.merging([field: value]) { $1 })
    let error = #expect(throws: JSONError.self) {
      try VisionEncoderDecoder(configuration, weights: RandomWeights(seed: 1))
    }
    #expect("\(try #require(error))".contains("decoder.\(field)"))
    #expect("\(try #require(error))".contains(text))
  }

  @Test(
    arguments: [
      (bert, 6), (roberta, 4), (distilbert, 6), (electra, 6), (bart, 6), (mbart, 6), (trocr, 6),
      (sinusoidal, 6),
    ])
  func roomForCaptions(fields: [String: JSONValue], length: Int) throws {
    let model = try VisionEncoderDecoder(configuration(fields), weights: RandomWeights(seed: 1))
    #expect(model.maximumLength == length)
    // The longest caption finds all its positions.
    let image = try model.encode(Tensor(zeros: [1, 3, 4, 4]))
    let tokens = [[Int32]](repeating: [Int32](repeating: 5, count: length), count: 1)
    #expect(model.logits(tokens: tokens, features: image).shape == [1, length, 9])
  }

  @Test func freshEmbeddings() throws {
    func embeddings(_ fields: [String: JSONValue], _ name: String) throws -> [Float] {
      let model = try VisionEncoderDecoder(configuration(fields), weights: RandomWeights(seed: 1))
      return try #require(model.parameters.first { $0.name.hasSuffix("\(name)_embeddings.weight") }).value
        .floats
    }
    let words = try embeddings(Self.roberta, "word")
    #expect(
      words[8..<16].allSatisfy { $0 == 0 } && words.count { $0 == 0 } == 8, "padding is zero, no other row")
    let positions = try embeddings(Self.distilbert, "position")
    // sin and cos of 3 / 10000^(0/8) and of 3 / 10000^(2/8)
    expectClose(Array(positions[24..<28]), [0.14112, -0.989992, 0.29552, 0.955336], 1e-5)
  }

  /// TrOCR alone takes states of another width as they are; the others get them projected.
  @Test(
    arguments: [
      (trocr, 8, false), (sinusoidal, 8, false), (narrowBART, nil, true), (narrowTrOCR, nil, true),
      (narrowTrOCR, 8, false),
    ] as [([String: JSONValue], Int?, Bool)])
  func statesOfAnotherWidth(fields: [String: JSONValue], width: Int?, isProjected: Bool) throws {
    let fields = fields.merging(["cross_attention_hidden_size": width.map { .int($0) } ?? .null]) { $1 }
    let model = try VisionEncoderDecoder(configuration(fields), weights: RandomWeights(seed: 1))
    #expect(model.parameters.contains { $0.name.hasPrefix("enc_to_dec_proj") } == isProjected)
    let keys = try #require(model.parameters.first { $0.name.hasSuffix("encoder_attn.k_proj.weight") })
    let own = fields["d_model"] == 4 ? 4 : 8
    #expect(keys.shape == [own, width ?? own])
  }

  /// In training, LayerDrop leaves some layers out; they learn nothing from that step.
  @Test(arguments: [bart, mbart])
  func layersAreLeftOutInTraining(fields: [String: JSONValue]) throws {
    let fields = fields.merging(["decoder_layers": 16, "decoder_layerdrop": 0.5]) { $1 }
    let model = try VisionEncoderDecoder(configuration(fields), weights: RandomWeights(seed: 1))
    for parameter in model.parameters { parameter.setTrainable(true) }
    let tokens: [[Int32]] = [[2, 5, 6]]
    let image = try model.encode(Tensor(zeros: [1, 3, 4, 4])).states
    func learning(_ tape: Tape) -> Int {
      for parameter in model.parameters { parameter.gradient = nil }
      let logits = model.logits(
        tokens: tokens, features: ImageFeatures(tape.watch(image)), captionsPerImage: nil, on: tape)
      tape.backward(from: crossEntropy(logits, labels: [5, 6, 2]))
      return model.parameters.count { $0.name.hasSuffix("fc1.weight") && $0.gradient != nil }
    }
    #expect(learning(Tape()) == 16)
    let kept = learning(Tape(dropoutSeed: 3))
    #expect(kept > 0 && kept < 16)
    #expect(learning(Tape(dropoutSeed: 3, recomputes: true)) == kept)
  }

  /// A model with an encoder calls its embedding by another name, and fairseq and old files hold more.
  @Test(arguments: [
    "shared.weight", "model.shared.weight", "lm_head.weight", "model.decoder.embed_tokens.weight",
  ])
  func embeddingsOfBART(name: String) throws {
    let reference = try ReferenceDecoder("vit-bart")
    let decoder = reference.model.parameters.filter { $0.name.hasPrefix("decoder.") }
    let folder = try TemporaryFolder()
    let tensors = decoder.map { parameter in
      let own = String(parameter.name.dropFirst("decoder.".count))
      return WritableTensor(
        name: own == "model.decoder.embed_tokens.weight" ? name : own, elementType: .float32,
        shape: parameter.shape
      ) { write in
        try parameter.value.withFloats { try write(UnsafeRawBufferPointer($0)) }
      }
    }
    try WeightsWriter.write(tensors, to: folder.url)
    let checkpoint = try CheckpointFolder(at: folder.url)
    let configuration = try VisionEncoderDecoderConfiguration(reference.model.configuration.json)
    let weights = try PretrainedWeights(
      encoder: CheckpointWeights([]),
      decoder: CheckpointWeights(checkpoint.names.compactMap { checkpoint[$0] }), for: configuration, seed: 2)
    let model = try VisionEncoderDecoder(configuration, weights: weights)
    #expect(weights.freshNames.allSatisfy { !$0.hasPrefix("decoder.") })
    for (own, other) in zip(model.parameters, reference.model.parameters)
    where own.name.hasPrefix("decoder.") {
      #expect(own.name == other.name && own.value.floats == other.value.floats, "\(own.name)")
    }
  }

  /// A masked language model's checkpoint, with and without its head's and body's names, and TensorFlow's norms.
  @Test(arguments: ["deit-bert", "deit-roberta", "distilbert", "vit-electra", "vit-xlm-roberta"])
  func weightsOfMaskedModels(name: String) throws {
    let reference = try ReferenceDecoder(name)
    let prefix =
      [
        "deit-bert": "bert.", "deit-roberta": "roberta.", "distilbert": "distilbert.",
        "vit-electra": "electra.", "vit-xlm-roberta": "roberta.",
      ][name] ?? ""
    let model = reference.model
    let decoder = model.parameters.filter { $0.name.hasPrefix("decoder.") }
    let isHead = { (name: String) in !name.hasPrefix(prefix) }
    func rebuilt(_ rename: (String) -> String?) throws -> (VisionEncoderDecoder, fresh: [String]) {
      let folder = try TemporaryFolder()
      let tensors = decoder.compactMap { parameter -> WritableTensor? in
        guard let name = rename(String(parameter.name.dropFirst("decoder.".count))) else { return nil }
        return WritableTensor(name: name, elementType: .float32, shape: parameter.shape) { write in
          try parameter.value.withFloats { try write(UnsafeRawBufferPointer($0)) }
        }
      }
      try WeightsWriter.write(tensors, to: folder.url)
      let checkpoint = try CheckpointFolder(at: folder.url)
      let weights = try PretrainedWeights(
        encoder: CheckpointWeights([]),
        decoder: CheckpointWeights(checkpoint.names.compactMap { checkpoint[$0] }),
        for: VisionEncoderDecoderConfiguration(model.configuration.json),
        seed: 2)
      let model = try VisionEncoderDecoder(
        VisionEncoderDecoderConfiguration(model.configuration.json), weights: weights)
      return (model, weights.freshNames.filter { $0.hasPrefix("decoder.") })
    }
    func expectSame(_ other: VisionEncoderDecoder, except fresh: [String]) {
      let values = Dictionary(uniqueKeysWithValues: other.parameters.map { ($0.name, $0.value.floats) })
      for parameter in decoder where !fresh.contains(parameter.name) {
        #expect(values[parameter.name] == parameter.value.floats, "\(parameter.name)")
      }
    }
    let whole = try rebuilt { $0 }
    #expect(whole.fresh.isEmpty)
    expectSame(whole.0, except: [])
    let old = try rebuilt {
      $0.replacingOccurrences(of: "LayerNorm.weight", with: "LayerNorm.gamma")
        .replacingOccurrences(of: "LayerNorm.bias", with: "LayerNorm.beta")
    }
    #expect(old.fresh.isEmpty)
    expectSame(old.0, except: [])
    let body = try rebuilt { isHead($0) ? nil : String($0.dropFirst(prefix.count)) }
    #expect(!body.fresh.isEmpty && body.fresh.allSatisfy { isHead(String($0.dropFirst("decoder.".count))) })
    expectSame(body.0, except: body.fresh)
  }
}
