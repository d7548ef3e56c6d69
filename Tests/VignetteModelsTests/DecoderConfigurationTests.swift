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
    ] as [([String: JSONValue], String, JSONValue, String)])
  func errorsNameTheField(fields: [String: JSONValue], field: String, value: JSONValue, text: String) throws {
    let configuration = try configuration(fields.merging([field: value]) { $1 })
    let error = #expect(throws: JSONError.self) {
      try VisionEncoderDecoder(configuration, weights: RandomWeights(seed: 1))
    }
    #expect("\(try #require(error))".contains("decoder.\(field)"))
    #expect("\(try #require(error))".contains(text))
  }

  @Test(arguments: [(bert, 6), (roberta, 4), (distilbert, 6)])
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

  /// A masked language model's checkpoint, with and without its head's and body's names, and TensorFlow's norms.
  @Test(arguments: ["deit-bert", "deit-roberta", "distilbert"])
  func weightsOfMaskedModels(name: String) throws {
    let reference = try ReferenceDecoder(name)
    let prefix = ["deit-bert": "bert.", "deit-roberta": "roberta.", "distilbert": "distilbert."][name] ?? ""
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
