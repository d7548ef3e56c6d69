package import VignetteFiles

/// A vision encoder that captioners can have, by its `model_type`.
///
/// A new one takes a file in Encoders/ and a line in ``all``.
package struct EncoderArchitecture: Sendable {
  package let modelType: String
  /// What stands before the encoder's own names in checkpoints of models built on it (`base_model_prefix`).
  let checkpointPrefix: String
  /// Endings of tensors that a checkpoint may hold and a caption doesn't need.
  let ignoredKeys: [String]
  /// Fields of its configuration that a captioner sets.
  private let settings: JSONObject
  private let renamings: [WeightScope.Renaming]
  private let make: @Sendable (WeightScope, JSONField) throws -> any VisionEncoder

  /// The encoders there are.
  package static let all: [EncoderArchitecture] = [
    .init("vit", ViT.self) { ViT($0, try ViTConfiguration($1)) },
    .init("deit", ViT.self) { ViT(distilled: $0, try ViTConfiguration($1)) },
    .init("vit_msn", ViT.self, prefix: "vit") {
      ViT($0, try ViTConfiguration($1, defaults: .init(layerNormEps: 1e-6)))
    },
    .init("beit", BEiT.self) { BEiT($0, try BEiTConfiguration($1)) },
    .init("data2vec-vision", BEiT.self, prefix: "data2vec_vision") { BEiT($0, try BEiTConfiguration($1)) },
    .init("vit_mae", ViT.self, prefix: "vit", settings: ViT.maskNothing) { try ViT(masked: $0, $1) },
    .init("swin", Swin.self) { Swin($0, try SwinConfiguration($1)) },
    .init("swinv2", SwinV2.self) { try SwinV2($0, $1) },
    .init("clip_vision_model", CLIPVision.self, prefix: "vision_model") { try CLIPVision($0, $1) },
    .init("siglip_vision_model", SigLIPVision.self, prefix: "vision_model") { try SigLIPVision($0, $1) },
    .init("dinov2", DINOv2.self) { try DINOv2($0, $1) },
    .init("dinov2_with_registers", DINOv2.self) { try DINOv2(withRegisters: $0, $1) },
    .init("dinov3_vit", DINOv3.self, prefix: "model") { try DINOv3($0, $1) },
  ]

  /// - Parameter prefix: the `model_type`, if nil.
  private init<Encoder: VisionEncoder>(
    _ modelType: String, _ encoder: Encoder.Type, prefix: String? = nil, settings: JSONObject = [:],
    make: @escaping @Sendable (WeightScope, JSONField) throws -> Encoder
  ) {
    self.modelType = modelType
    checkpointPrefix = prefix ?? modelType
    self.settings = settings
    ignoredKeys = encoder.ignoredKeys
    renamings = encoder.renamings
    self.make = make
  }

  /// - Throws: `JSONError` where `model_type` is none of ``all``.
  package init(_ json: JSONField) throws {
    self = try named(
      json["model_type"], among: Self.all.map { ($0.modelType, $0) }, role: "encoder")
  }

  /// The vision half of a model that has two, such as CLIP; another model's configuration as it is.
  package static func visionHalf(of json: JSONField) throws -> JSONField {
    let vision = json["vision_config"]
    guard let whole = try json["model_type"].optional(as: String.self), vision.isPresent,
      let half = all.first(where: { $0.modelType == "\(whole)_vision_model" })
    else { return json }
    guard !vision["model_type"].isPresent else { return vision }
    var object = try vision.value(as: JSONObject.self)
    object["model_type"] = .string(half.modelType)
    return JSONField(.object(object), file: json.file)
  }

  /// A captioner's configuration with the fields set that its encoder needs.
  ///
  /// - Throws: `JSONError` where the encoder's `model_type` is no string.
  static func settled(_ json: JSONField) throws -> JSONField {
    let modelType: String? = try json["encoder"]["model_type"].optional()
    guard let settings = all.first(where: { $0.modelType == modelType })?.settings, !settings.isEmpty
    else { return json }
    var (whole, encoder) = (
      try json.value(as: JSONObject.self), try json["encoder"].value(as: JSONObject.self)
    )
    for (name, value) in settings { encoder[name] = value }
    whole["encoder"] = .object(encoder)
    return JSONField(.object(whole), file: json.file)
  }

  package func makeEncoder(_ weights: WeightScope, _ json: JSONField) throws -> any VisionEncoder {
    try make(weights.alsoNamed(renamings), json)
  }
}

/// A text decoder that captioners can have, by its `model_type`.
///
/// A new one takes a file in Decoders/ and a line in ``all``.
package struct DecoderArchitecture: Sendable {
  package let modelType: String
  /// What stands before the names of the decoder's body where it has a head (`base_model_prefix`).
  let checkpointPrefix: String
  /// Endings of tensors that a checkpoint may hold and the model computes itself.
  let ignoredKeys: [String]
  private let make: @Sendable (WeightScope, JSONField) throws -> any TextDecoder

  /// The decoders there are.
  package static let all: [DecoderArchitecture] = [
    .init("gpt2", prefix: "transformer", ignoring: GPT2.ignoredKeys) {
      GPT2.makeDecoder($0, try GPT2Configuration($1))
    },
    .init("bert", ignoring: BERT.ignoredKeys) { BERT.makeDecoder($0, try BERTConfiguration($1)) },
    .init("roberta", ignoring: RoBERTa.ignoredKeys) {
      RoBERTa.makeDecoder($0, try RoBERTa.configuration($1))
    },
    .init("distilbert", ignoring: DistilBERT.ignoredKeys) {
      DistilBERT.makeDecoder($0, try DistilBERTConfiguration($1))
    },
    .init("xlm-roberta", prefix: "roberta", ignoring: RoBERTa.ignoredKeys) {
      RoBERTa.makeDecoder($0, try RoBERTa.configuration($1, vocabSize: 30522))
    },
    .init("camembert", prefix: "roberta", ignoring: RoBERTa.ignoredKeys) {
      RoBERTa.makeDecoder($0, try RoBERTa.configuration($1, vocabSize: 30522))
    },
    .init("electra", ignoring: ELECTRA.ignoredKeys) { ELECTRA.makeDecoder($0, try ELECTRAConfiguration($1)) },
    .init("bert-generation", prefix: "bert", ignoring: BERTGeneration.ignoredKeys) {
      BERTGeneration.makeDecoder($0, try BERTGeneration.configuration($1))
    },
    .init("bart", prefix: "model", ignoring: BART.ignoredKeys) {
      BART.makeDecoder($0, try BARTConfiguration($1))
    },
    .init("mbart", prefix: "model", ignoring: BART.ignoredKeys) {
      MBART.makeDecoder($0, try BARTConfiguration($1))
    },
    .init("trocr", prefix: "model", ignoring: TrOCR.ignoredKeys) {
      TrOCR.makeDecoder($0, try TrOCRConfiguration($1))
    },
  ]

  /// - Parameter prefix: the `model_type`, if nil.
  private init(
    _ modelType: String, prefix: String? = nil, ignoring ignoredKeys: [String],
    make: @escaping @Sendable (WeightScope, JSONField) throws -> any TextDecoder
  ) {
    self.modelType = modelType
    checkpointPrefix = prefix ?? modelType
    self.ignoredKeys = ignoredKeys
    self.make = make
  }

  /// - Throws: `JSONError` where `model_type` is none of ``all``.
  package init(_ json: JSONField) throws {
    self = try named(json["model_type"], among: Self.all.map { ($0.modelType, $0) }, role: "decoder")
  }

  func makeDecoder(_ weights: WeightScope, _ json: JSONField) throws -> any TextDecoder {
    try make(weights, json)
  }
}

private func named<Architecture>(
  _ field: JSONField, among known: [(name: String, Architecture)], role: String
) throws -> Architecture {
  let name: String = try field.value()
  if let found = known.first(where: { $0.name == name }) { return found.1 }
  let names = known.map(\.name).joined(separator: ", ")
  // Transformers has no way either to join a vision and a text model to a BLIP or a GIT.
  if CaptionFamily.all.contains(where: { $0.modelType == name }) {
    throw field.error(
      "expected an architecture that is supported as \(role) (\(names)), found \"\(name)\", a whole captioner, whose "
        + "halves can't be joined to others: train it as it is, as `model`")
  }
  throw field.mismatch(expected: "an architecture that is supported as \(role) (\(names))")
}
