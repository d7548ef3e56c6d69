public import Foundation
import VignetteFiles

/// Finds and loads the tokenizer of a Hugging Face folder.
public enum AutoTokenizer {
  /// Loads the tokenizer that Transformers' `AutoTokenizer.from_pretrained` makes of the same folder.
  ///
  /// Reads tokenizer.json, or else vocab.json and merges.txt (GPT-2, RoBERTa) or vocab.txt (BERT, DistilBERT), with
  /// tokenizer_config.json, special_tokens_map.json and added_tokens.json as far as they are there. A truncation or
  /// padding in tokenizer.json is not applied.
  ///
  /// The class is what `tokenizer_class` in tokenizer_config.json or config.json says, else the one that config.json's
  /// own `model_type` has. Where neither names one, tokenizer.json is taken as it is written.
  ///
  /// - Parameter modelType: `model_type` of the model that the tokenizer is for (`gpt2`, `roberta`, `bert`,
  ///   `distilbert`). It says only how to read vocabulary files that no other file says anything about.
  /// - Throws: ``TokenizerError``, and `SystemError` or `FileError` for a file that can't be read.
  public static func load(from folder: URL, modelType: String? = nil) throws -> any Tokenizer {
    do {
      return try tokenizer(folder, modelType)
    } catch let error as JSONError {
      let key = error.key.map { $0.isEmpty ? "" : "\($0): " } ?? ""
      throw TokenizerError.invalid(file: error.file, problem: "\(key)\(error.problem)")
    }
  }

  private static func tokenizer(_ folder: URL, _ modelType: String?) throws -> any Tokenizer {
    let modelConfig = try document(folder, "config.json")
    let config = try document(folder, "tokenizer_config.json")
    var kind = TokenizerKind(
      className: try config["tokenizer_class"].optional() ?? modelConfig["tokenizer_class"].optional(),
      modelType: try modelConfig["model_type"].optional())
    let tokenizerJSON = folder.appendingPathComponent("tokenizer.json")
    if FileBytes.exists(tokenizerJSON) {
      let file = try TokenizerFile(contentsOf: tokenizerJSON)
      let settings = try TokenizerSettings(folder: folder, config: config, kind: kind, file: file)
      return try PretrainedTokenizer(file, settings, kind, hasPipeline: true, source: tokenizerJSON.path)
    }
    if kind == .asWritten {
      // Where Transformers gives up, the language model still says the kind, or the files do.
      let type: String? = try modelType ?? modelConfig["decoder"]["model_type"].optional()
      kind =
        type.flatMap { TokenizerKind.ofModelType[$0] }
        ?? (FileBytes.exists(folder.appendingPathComponent("vocab.txt")) ? .bert : .asWritten)
    }
    let file = try vocabularyFiles(folder, kind)
    let settings = try TokenizerSettings(folder: folder, config: config, kind: kind, file: file)
    return try PretrainedTokenizer(file, settings, kind, hasPipeline: false, source: folder.path)
  }

  /// The object in a file; an empty one where there is none.
  private static func document(_ folder: URL, _ name: String) throws -> JSONField {
    let url = folder.appendingPathComponent(name)
    guard FileBytes.exists(url) else { return JSONField(.object([:]), file: url.path) }
    let value = try FileBytes.json(url)
    guard value.asObject != nil else {
      throw TokenizerError.invalid(file: url.path, problem: "it is no JSON object")
    }
    return JSONField(value, file: url.path)
  }

  private static func vocabularyFiles(_ folder: URL, _ kind: TokenizerKind) throws -> TokenizerFile {
    func file(_ name: String) throws -> URL {
      let url = folder.appendingPathComponent(name)
      guard FileBytes.exists(url) else {
        throw TokenizerError.missingFiles(
          folder: folder.path,
          problem: "there is neither tokenizer.json nor \(name); copy one from the pretrained model")
      }
      return url
    }
    switch kind {
    case .gpt2, .roberta:
      return try VocabularyFiles.bpe(vocabulary: file("vocab.json"), merges: file("merges.txt"))
    case .bert: return try VocabularyFiles.wordPiece(file("vocab.txt"))
    case .asWritten:
      _ = try file("vocab.json")
      throw TokenizerError.missingFiles(
        folder: folder.path,
        problem: "nothing says whether vocab.json is GPT-2's or RoBERTa's; "
          + "set \"tokenizer_class\" in tokenizer_config.json to \"GPT2Tokenizer\" or \"RobertaTokenizer\"")
    }
  }
}

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
    "gpt2": .gpt2, "roberta": .roberta, "bert": .bert, "distilbert": .bert,
  ]

  /// The special tokens that the class has by default.
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
