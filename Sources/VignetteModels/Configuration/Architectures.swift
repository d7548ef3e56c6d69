package import VignetteFiles

/// The vision encoders there are, by their `model_type`.
///
/// A new one takes a file in Encoders/ and a line in each switch here.
package enum EncoderArchitecture: String, CaseIterable {
  case vit, deit, beit, swin

  package init(_ json: JSONField) throws {
    self = try named(json["model_type"], among: Self.allCases, role: "encoder")
  }

  package func makeEncoder(_ weights: WeightScope, _ json: JSONField) throws -> any VisionEncoder {
    let weights = weights.alsoNamed(renamings)
    return switch self {
    case .vit: ViT(weights, try ViTConfiguration(json))
    case .deit: ViT(distilled: weights, try ViTConfiguration(json))
    case .beit: BEiT(weights, try BEiTConfiguration(json))
    case .swin: Swin(weights, try SwinConfiguration(json))
    }
  }

  /// Other names that a checkpoint may use.
  private var renamings: [WeightScope.Renaming] {
    switch self {
    case .vit, .deit, .beit: ViT.renamings
    case .swin: Swin.renamings
    }
  }

  /// Endings of tensors that a checkpoint may hold and a caption doesn't need.
  var ignoredKeys: [String] {
    switch self {
    case .vit, .deit: ViT.ignoredKeys
    case .beit: BEiT.ignoredKeys
    case .swin: Swin.ignoredKeys
    }
  }

  /// What stands before the encoder's own names in checkpoints of models built on it (`base_model_prefix`).
  var checkpointPrefix: String { rawValue }
}

/// The text decoders there are, by their `model_type`.
///
/// A new one takes a file in Decoders/ and a line in each switch here.
package enum DecoderArchitecture: String, CaseIterable {
  case gpt2
  case bert
  case roberta
  case distilbert

  package init(_ json: JSONField) throws {
    self = try named(json["model_type"], among: Self.allCases, role: "decoder")
  }

  func makeDecoder(_ weights: WeightScope, _ json: JSONField) throws -> any TextDecoder {
    switch self {
    case .gpt2: GPT2(weights, try GPT2Configuration(json))
    case .bert: BERT.makeDecoder(weights, try BERTConfiguration(json))
    case .roberta: RoBERTa.makeDecoder(weights, try RoBERTa.configuration(json))
    case .distilbert: DistilBERT.makeDecoder(weights, try DistilBERTConfiguration(json))
    }
  }

  /// Endings of tensors that a checkpoint may hold and the model computes itself.
  var ignoredKeys: [String] {
    switch self {
    case .gpt2: GPT2.ignoredKeys
    case .bert: BERT.ignoredKeys
    case .roberta: RoBERTa.ignoredKeys
    case .distilbert: DistilBERT.ignoredKeys
    }
  }

  /// What stands before the names of the decoder's body where it has a head (`base_model_prefix`).
  var checkpointPrefix: String {
    switch self {
    case .gpt2: "transformer"
    case .bert: "bert"
    case .roberta: "roberta"
    case .distilbert: "distilbert"
    }
  }
}

private func named<Architecture: RawRepresentable<String>>(
  _ field: JSONField, among cases: [Architecture], role: String
) throws -> Architecture {
  let name: String = try field.value()
  if let found = cases.first(where: { $0.rawValue == name }) { return found }
  let known = cases.map(\.rawValue).joined(separator: ", ")
  throw field.mismatch(expected: "an architecture that is supported as \(role) (\(known))")
}
