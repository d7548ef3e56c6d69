/// Which of Transformers' tokenizer classes a folder is for.
///
/// The named classes take only the vocabulary, merges, character map and post-processor from tokenizer.json, and
/// everything else from tokenizer_config.json and their own defaults; all other classes take tokenizer.json as it is.
enum TokenizerKind: String, Sendable, CaseIterable {
  case gpt2 = "GPT2Tokenizer"
  case roberta = "RobertaTokenizer"
  case bert = "BertTokenizer"
  case bertJapanese = "BertJapaneseTokenizer"
  case xlmRoberta = "XLMRobertaTokenizer"
  case camembert = "CamembertTokenizer"
  case mbart = "MBartTokenizer"
  case mbart50 = "MBart50Tokenizer"
  case t5 = "T5Tokenizer"
  case barthez = "BarthezTokenizer"
  case clip = "CLIPTokenizer"
  case siglip = "SiglipTokenizer"
  case asWritten = "PreTrainedTokenizerFast"

  /// - Parameters:
  ///   - className: `tokenizer_class`, which overrides the type of the model.
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
    "gpt2": .gpt2, "roberta": .roberta, "bert": .bert, "distilbert": .bert, "xlm-roberta": .xlmRoberta,
    "trocr": .xlmRoberta, "camembert": .camembert, "mbart": .mbart, "mbart50": .mbart50, "t5": .t5,
    "mt5": .t5, "electra": .bert, "blip": .bert, "git": .bert, "bart": .roberta, "clip": .clip,
    "siglip": .siglip,
  ]

  /// The special tokens that the class has by default.
  var defaultTokens: [String: String] {
    switch self {
    case .gpt2: ["bos_token": "<|endoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"]
    case .roberta, .xlmRoberta, .camembert, .mbart, .barthez:
      [
        "bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>",
        "pad_token": "<pad>", "cls_token": "<s>", "mask_token": "<mask>",
      ]
    case .mbart50:
      [
        "eos_token": "</s>", "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>",
        "cls_token": "<s>",
        "mask_token": "<mask>",
      ]
    case .t5: ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"]
    case .siglip: ["eos_token": "</s>", "unk_token": "<unk>", "pad_token": "</s>"]
    case .bert, .bertJapanese:
      [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
        "mask_token": "[MASK]",
      ]
    case .clip:
      [
        "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>",
        "pad_token": "<|endoftext|>",
      ]
    case .asWritten: [:]
    }
  }

  /// Whether a mask that is given by name only takes the white space to its left.
  var stripsBeforeMask: Bool {
    switch self {
    case .camembert, .mbart, .mbart50, .barthez: true
    case .gpt2, .roberta, .bert, .bertJapanese, .xlmRoberta, .t5, .clip, .siglip, .asWritten: false
    }
  }
}
