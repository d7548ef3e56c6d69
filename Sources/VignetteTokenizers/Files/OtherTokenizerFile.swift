import Foundation
import VignetteFiles

/// A file that a folder has in place of the ones that its tokenizer is read from.
struct OtherTokenizerFile: CustomStringConvertible {
  /// What it is, and what to do about it.
  let description: String

  /// Nil where there is none that is known by its name.
  init?(in folder: URL) {
    let names = ((try? FileName.list(folder.path)) ?? []).sorted()
    for name in names {
      guard let advice = Self.advice(name, folder.appendingPathComponent(name)) else { continue }
      description = "it has \(name), \(advice)"
      return
    }
    return nil
  }

  private static let conversion =
    "copy a tokenizer.json from the pretrained model, or let Transformers write one (save_pretrained of its AutoTokenizer)"

  private static func advice(_ name: String, _ url: URL) -> String? {
    if name.hasSuffix(".tiktoken") { return "tiktoken's, which is not read: \(conversion)" }
    if name.hasSuffix(".model") || name.hasSuffix(".spm") {
      return isSentencePiece(url)
        ? "which is SentencePiece's: call it sentencepiece.bpe.model or spiece.model, and set \"tokenizer_class\" in "
          + "tokenizer_config.json, such as to \"XLMRobertaTokenizer\" or \"T5Tokenizer\""
        : "which is tiktoken's or another that is not read: \(conversion)"
    }
    switch name {
    case "vocab.txt":
      return "which is read as a \"BertTokenizer\": set \"tokenizer_class\" in tokenizer_config.json"
    case "vocab.json", "merges.txt":
      return
        "which is read as a \"GPT2Tokenizer\" or \"RobertaTokenizer\", vocab.json and merges.txt together: fetch the "
        + "other, or set \"tokenizer_class\" in tokenizer_config.json"
    case "bpe.codes", "dict.txt", "tekken.json", "encoder.json", "vocab.bpe":
      return "which is not read: \(conversion)"
    default: return nil
    }
  }

  /// Whether a file begins as SentencePiece's do, with a piece: a message of a protocol buffer.
  private static func isSentencePiece(_ url: URL) -> Bool {
    let start = try? FileBytes.read(url) { Array($0.prefix(4)) }
    guard let start, start.count == 4 else { return false }
    return start[0] == 0x0A && start[2] == 0x0A
  }
}
