/// Which of Transformers' tokenizer classes a folder is for.
///
/// The named classes take only the vocabulary, merges and post-processor from tokenizer.json, and everything else from
/// tokenizer_config.json and their own defaults; all other classes take tokenizer.json as it is.
enum TokenizerKind: String, Sendable {
  case gpt2 = "GPT2Tokenizer"
  case roberta = "RobertaTokenizer"
  case bert = "BertTokenizer"
  case asWritten = "PreTrainedTokenizerFast"

  /// - Parameters:
  ///   - className: `tokenizer_class`, which goes before the type of the model.
  ///   - modelType: `model_type`.
  init(className: String?, modelType: String?) {
    if let className {
      let name = className.hasSuffix("Fast") ? String(className.dropLast(4)) : className
      self = name == "DistilBertTokenizer" ? .bert : TokenizerKind(rawValue: name) ?? .asWritten
    } else {
      self = modelType.flatMap { Self.ofModelType[$0] } ?? .asWritten
    }
  }

  static let ofModelType: [String: TokenizerKind] = [
    "gpt2": .gpt2, "roberta": .roberta, "bert": .bert, "distilbert": .bert,
  ]

  /// The special tokens that the class has unless told otherwise.
  var defaultTokens: [String: String] {
    switch self {
    case .gpt2: ["bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"]
    case .roberta:
      [
        "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>",
        "pad_token": "<pad>",
        "cls_token": "<s>", "mask_token": "<mask>",
      ]
    case .bert:
      [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
        "mask_token": "[MASK]",
      ]
    case .asWritten: [:]
    }
  }
}
