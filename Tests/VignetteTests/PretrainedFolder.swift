import Foundation
import VignetteTestSupport
import Testing

/// An encoder alone in its folder, as Transformers writes it.
struct PretrainedEncoder: CustomTestStringConvertible {
  let folder: String
  let modelType: String
  let width: Int

  var testDescription: String { folder }

  /// Plain models and ones with a head for classification.
  static let withClassifier = [
    ("vit", "vit", 12), ("deit", "deit", 12), ("beit", "beit", 10), ("swin", "swin", 12),
    ("dinov2", "dinov2", 12), ("vit-msn", "vit_msn", 12), ("data2vec-vision", "data2vec-vision", 12),
    ("dinov2-with-registers", "dinov2_with_registers", 12), ("swinv2", "swinv2", 12),
  ].flatMap { folder, modelType, width in
    [folder, "\(folder)-classifier"].map {
      PretrainedEncoder(folder: $0, modelType: modelType, width: width)
    }
  }

  /// Vision models alone, and beside a text model.
  static let contrastive = ["clip", "siglip"].flatMap { name in
    [name, "\(name)-vision"].map {
      PretrainedEncoder(folder: $0, modelType: "\(name)_vision_model", width: 12)
    }
  }

  /// A masked autoencoder's encoder alone and with what fills in the patches, and others that have no head.
  static let withoutHead = [
    ("vit-mae", "vit_mae"), ("vit-mae-pretraining", "vit_mae"), ("dinov2-swiglu", "dinov2"),
    ("dinov3", "dinov3_vit"),
  ].map { PretrainedEncoder(folder: $0, modelType: $1, width: 12) }

  static let all = withClassifier + contrastive + withoutHead

  /// One of each architecture, some with a head or beside a text model.
  static let each = all.filter {
    [
      "vit", "deit-classifier", "beit-classifier", "swin", "clip", "siglip-vision", "dinov2",
      "vit-msn-classifier", "data2vec-vision", "dinov2-with-registers-classifier", "dinov3", "swinv2",
      "vit-mae-pretraining",
    ].contains($0.folder)
  }
}

/// A decoder alone in its folder, as Transformers writes it, and what a captioner makes of it.
struct PretrainedDecoder: CustomTestStringConvertible {
  let folder: String
  let modelType: String
  let width: Int
  /// What starts, ends and fills captions.
  let tokens: (start: String, end: String, padding: String)
  /// The parts of its only layer that attend to the image.
  let attentionToImage: [String]
  /// What of its head the folder lacks.
  var missingHead: [String] = []

  var testDescription: String { folder }

  /// The weights that no folder has when it is joined to an encoder of a width.
  func newWeights(encoderWidth: Int) -> Set<String> {
    let layers = (attentionToImage + (encoderWidth == width ? [] : ["enc_to_dec_proj"])).flatMap {
      ["\($0).weight", "\($0).bias"]
    }
    return Set(layers + missingHead)
  }

  /// Language models and masked language models: a decoder with its head.
  static let withHead = [
    gpt2("gpt2-language"), bert("bert-masked"), roberta("roberta-masked"), distilbert("distilbert-masked"),
    robertaLike("xlm-roberta-masked", "xlm-roberta"), robertaLike("camembert-masked", "camembert"),
    bertLike("electra-generator", "electra", in: "electra"),
    bertLike("bert-generation", "bert-generation", in: "bert"), fairseq("bart-conditional", "bart"),
    fairseq("mbart-conditional", "mbart"), fairseq("trocr", "trocr"),
  ]

  static let all =
    withHead + [
      gpt2("gpt2"), bert("bert-language"),
      bert("bert", missingHead: bertHead), roberta("roberta", missingHead: robertaHead),
      distilbert("distilbert", missingHead: distilbertHead), fairseq("bart", "bart"),
      bertLike("electra-discriminator", "electra", in: "electra", missingHead: electraHead),
    ]

  private static let bertHead = [
    "decoder.cls.predictions.transform.dense.weight", "decoder.cls.predictions.transform.dense.bias",
    "decoder.cls.predictions.transform.LayerNorm.weight", "decoder.cls.predictions.transform.LayerNorm.bias",
    "decoder.cls.predictions.bias",
  ]
  private static let robertaHead = [
    "decoder.lm_head.dense.weight", "decoder.lm_head.dense.bias", "decoder.lm_head.layer_norm.weight",
    "decoder.lm_head.layer_norm.bias", "decoder.lm_head.bias",
  ]
  private static let distilbertHead = [
    "decoder.vocab_transform.weight", "decoder.vocab_transform.bias", "decoder.vocab_layer_norm.weight",
    "decoder.vocab_layer_norm.bias", "decoder.vocab_projector.bias",
  ]

  private static let electraHead = [
    "decoder.generator_predictions.dense.weight", "decoder.generator_predictions.dense.bias",
    "decoder.generator_predictions.LayerNorm.weight", "decoder.generator_predictions.LayerNorm.bias",
    "decoder.generator_lm_head.bias",
  ]

  private static func gpt2(_ folder: String) -> Self {
    let end = "<|endoftext|>"
    return Self(
      folder: folder, modelType: "gpt2", width: 12, tokens: (end, end, end),
      attentionToImage: [
        "ln_cross_attn", "crossattention.q_attn", "crossattention.c_attn", "crossattention.c_proj",
      ].map { "decoder.transformer.h.0.\($0)" })
  }

  private static func bert(_ folder: String, missingHead: [String] = []) -> Self {
    Self(
      folder: folder, modelType: "bert", width: 12, tokens: ("[CLS]", "[SEP]", "[PAD]"),
      attentionToImage: bertParts.map { "decoder.bert.\($0)" }, missingHead: missingHead)
  }

  private static func roberta(_ folder: String, missingHead: [String] = []) -> Self {
    Self(
      folder: folder, modelType: "roberta", width: 16, tokens: ("<s>", "</s>", "<pad>"),
      attentionToImage: bertParts.map { "decoder.roberta.\($0)" }, missingHead: missingHead)
  }

  private static func robertaLike(_ folder: String, _ modelType: String) -> Self {
    Self(
      folder: folder, modelType: modelType, width: 12, tokens: ("<s>", "</s>", "<pad>"),
      attentionToImage: bertParts.map { "decoder.roberta.\($0)" })
  }

  /// - Parameter body: what stands before the names of its layers.
  private static func bertLike(
    _ folder: String, _ modelType: String, in body: String, missingHead: [String] = []
  ) -> Self {
    Self(
      folder: folder, modelType: modelType, width: 12, tokens: ("[CLS]", "[SEP]", "[PAD]"),
      attentionToImage: bertParts.map { "decoder.\(body).\($0)" }, missingHead: missingHead)
  }

  /// BART and its kin, which attend to an encoder's states from the start.
  private static func fairseq(_ folder: String, _ modelType: String) -> Self {
    Self(
      folder: folder, modelType: modelType, width: 12, tokens: ("<s>", "</s>", "<pad>"), attentionToImage: [])
  }

  private static let bertParts = [
    "self.query", "self.key", "self.value", "output.dense", "output.LayerNorm",
  ].map { "encoder.layer.0.crossattention.\($0)" }

  private static func distilbert(_ folder: String, missingHead: [String] = []) -> Self {
    Self(
      folder: folder, modelType: "distilbert", width: 12, tokens: ("[CLS]", "[SEP]", "[PAD]"),
      attentionToImage: [
        "crossattention.q_lin", "crossattention.k_lin", "crossattention.v_lin", "crossattention.out_lin",
        "ca_layer_norm",
      ].map { "decoder.distilbert.transformer.layer.0.\($0)" }, missingHead: missingHead)
  }
}
