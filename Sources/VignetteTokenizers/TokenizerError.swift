import Foundation
public import VignetteFiles

/// Why a tokenizer can't be loaded or trained.
public enum TokenizerError: PlainError, Equatable {
  /// The folder has none of the files that a tokenizer can be made from.
  case missingFiles(folder: String, problem: String)
  /// The file's content is broken or contradicts itself.
  case invalid(file: String, problem: String)
  /// The file asks for a kind of tokenizer that isn't supported.
  case unsupported(file: String, feature: String)
  /// The training options can't be met.
  case untrainable(problem: String)

  public var description: String {
    // Tokens from a file may hold anything.
    explanation.prefix(600).split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  private var explanation: String {
    switch self {
    case .missingFiles(let folder, let problem): "no tokenizer in \(folder): \(problem)"
    case .invalid(let file, let problem): "\(file) is no valid tokenizer file: \(problem)"
    case .unsupported(let file, let feature):
      """
      \(file): \(feature) is not supported; byte-level BPE (GPT-2, RoBERTa), WordPiece (BERT, DistilBERT) and Unigram \
      (XLM-RoBERTa, CamemBERT, mBART, T5) are
      """
    case .untrainable(let problem): "can't train a tokenizer: \(problem)"
    }
  }
}

/// What is wrong with a part of a file, whose reader doesn't know the file's name.
struct TokenizerFault: Error {
  var problem: String
}
