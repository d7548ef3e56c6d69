public import Foundation
import VignetteFiles

/// Finds and loads the tokenizer of a Hugging Face folder.
public enum AutoTokenizer {
  /// Transformers' classes that are known; of any other, tokenizer.json is taken as it is written.
  package static var classNames: [String] { TokenizerKind.allCases.map(\.rawValue) }

  /// Loads the tokenizer that Transformers' `AutoTokenizer.from_pretrained` makes of the same folder.
  ///
  /// Reads tokenizer.json, or else vocab.json and merges.txt (GPT-2, RoBERTa, CLIP), vocab.txt (BERT, DistilBERT, Japanese BERT) or
  /// SentencePiece's sentencepiece.bpe.model (XLM-RoBERTa, TrOCR, CamemBERT, mBART, BARThez) or spiece.model (T5, SigLIP), with
  /// tokenizer_config.json, special_tokens_map.json and added_tokens.json as far as they are there. A truncation or
  /// padding in tokenizer.json is not applied.
  ///
  /// The class is what `tokenizer_class` in tokenizer_config.json or config.json says, else the one that config.json's
  /// own `model_type` has. Where neither names one, tokenizer.json is taken as it is written.
  ///
  /// - Parameter modelType: `model_type` of the model that the tokenizer is for (`gpt2`, `roberta`, `bert`,
  ///   `trocr` …). It says only how to read vocabulary files that no other file says anything about.
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
    // Transformers has no fast tokenizer for Japanese BERT and SigLIP, and doesn't look at such a file.
    let ignoresFile =
      kind == .bertJapanese
      || kind == .siglip && FileBytes.exists(folder.appendingPathComponent("spiece.model"))
    if !ignoresFile, FileBytes.exists(tokenizerJSON) {
      let file = try TokenizerFile(contentsOf: tokenizerJSON)
      let settings = try TokenizerSettings(folder: folder, config: config, kind: kind, file: file)
      return try PretrainedTokenizer(file, settings, kind, hasPipeline: true, source: tokenizerJSON.path)
    }
    func exists(_ name: String) -> Bool { FileBytes.exists(folder.appendingPathComponent(name)) }
    if kind == .asWritten {
      // Where Transformers gives up, the language model still says the kind, or the files do.
      let type: String? = try modelType ?? modelConfig["decoder"]["model_type"].optional()
      kind =
        type.flatMap { TokenizerKind.ofModelType[$0] }
        ?? (exists("vocab.txt") ? .bert : .asWritten)
      // The decoder of TrOCR comes with one or the other.
      if kind == .xlmRoberta, !exists("sentencepiece.bpe.model"), exists("vocab.json") { kind = .roberta }
    }
    let file = try vocabularyFiles(folder, kind, config)
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

  private static func vocabularyFiles(
    _ folder: URL, _ kind: TokenizerKind, _ config: JSONField
  ) throws -> TokenizerFile {
    func file(_ name: String) throws -> URL {
      let url = folder.appendingPathComponent(name)
      guard FileBytes.exists(url) else {
        throw TokenizerError.missingFiles(
          folder: folder.path,
          problem: "there is neither tokenizer.json nor \(name); "
            + (OtherTokenizerFile(in: folder)?.description ?? "copy one from the pretrained model"))
      }
      return url
    }
    if let layout = SentencePieceClass(kind) {
      return try VocabularyFiles.sentencePiece(
        file(layout.fileName), layout, names: TokenizerSettings.names(folder: folder, config: config),
        extraIDs: TokenizerSettings.extraIDs(config))
    }
    switch kind {
    case .gpt2, .roberta, .clip:
      return try VocabularyFiles.bpe(vocabulary: file("vocab.json"), merges: file("merges.txt"))
    case .bert, .bertJapanese: return try VocabularyFiles.wordPiece(file("vocab.txt"))
    default:
      if let name = ["sentencepiece.bpe.model", "spiece.model"].first(where: {
        FileBytes.exists(folder.appendingPathComponent($0))
      }) {
        throw TokenizerError.missingFiles(
          folder: folder.path,
          problem: "nothing says which tokenizer \(name) is for; set \"tokenizer_class\" in "
            + "tokenizer_config.json, such as to \"XLMRobertaTokenizer\" or \"T5Tokenizer\"")
      }
      _ = try file("vocab.json")
      throw TokenizerError.missingFiles(
        folder: folder.path,
        problem: "nothing says whether vocab.json is GPT-2's or RoBERTa's; "
          + "set \"tokenizer_class\" in tokenizer_config.json to \"GPT2Tokenizer\" or \"RobertaTokenizer\"")
    }
  }
}
