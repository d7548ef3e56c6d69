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
  /// - Parameter modelType: `model_type` of the model that the tokenizer is for (`gpt2`, `roberta`, `bert`,
  ///   `distilbert`); nil takes the one in the folder's config.json. tokenizer_config.json's `tokenizer_class` goes
  ///   before it.
  /// - Throws: ``TokenizerError``.
  public static func load(from folder: URL, modelType: String? = nil) throws -> any Tokenizer {
    let modelConfig = try object(folder, "config.json")
    let config = try object(folder, "tokenizer_config.json")
    var kind = TokenizerKind(
      className: config["tokenizer_class"]?.asString ?? modelConfig["tokenizer_class"]?.asString,
      modelType: modelType ?? modelConfig["model_type"]?.asString)
    let tokenizerJSON = folder.appendingPathComponent("tokenizer.json")
    if FileBytes.exists(tokenizerJSON) {
      let file = try TokenizerFile(contentsOf: tokenizerJSON)
      let settings = try TokenizerSettings(folder: folder, config: config, kind: kind, file: file)
      return try PretrainedTokenizer(file, settings, kind, hasPipeline: true, source: tokenizerJSON.path)
    }
    if kind == .asWritten {
      // Where Transformers gives up, the decoder of a captioning model still tells the kind, or the files do.
      let decoder = modelConfig["decoder"]?["model_type"]?.asString.flatMap { TokenizerKind.ofModelType[$0] }
      kind = decoder ?? (FileBytes.exists(folder.appendingPathComponent("vocab.txt")) ? .bert : .asWritten)
    }
    let file = try vocabularyFiles(folder, kind)
    let settings = try TokenizerSettings(folder: folder, config: config, kind: kind, file: file)
    return try PretrainedTokenizer(file, settings, kind, hasPipeline: false, source: folder.path)
  }

  private static func object(_ folder: URL, _ name: String) throws -> JSONObject {
    let url = folder.appendingPathComponent(name)
    guard FileBytes.exists(url) else { return [:] }
    guard let object = try FileBytes.json(url).asObject else {
      throw TokenizerError.invalid(file: url.path, problem: "it is no JSON object")
    }
    return object
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
        problem: "nothing tells whether vocab.json is GPT-2's or RoBERTa's; "
          + "set \"tokenizer_class\" in tokenizer_config.json to \"GPT2Tokenizer\" or \"RobertaTokenizer\"")
    }
  }
}
