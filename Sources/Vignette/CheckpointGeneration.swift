import Foundation
import VignetteFiles
import VignetteModels
import VignetteTokenizers

/// What a checkpoint folder says about generating.
struct CheckpointGeneration {
  static let fileName = "generation_config.json"

  let options: GenerationOptions
  /// Fields that ask for something that isn't done here.
  let unsupportedFields: [String]
  /// Fields that have no effect, as in Transformers: they are about the tokens that a model is given, and an image has
  /// none.
  let ignoredFields: [String]

  /// - Throws: `JSONError` naming file and field.
  init(in folder: URL, of model: any CaptionModel) throws {
    let url = folder.appendingPathComponent(Self.fileName)
    let file = FileSystem.exists(url) ? try JSONField(contentsOf: url) : nil
    unsupportedFields = try file.map(GenerationOptions.unsupportedFields) ?? []
    ignoredFields = try file.map(GenerationOptions.ignoredFields) ?? []
    options = try model.generationDefaults(file)
  }

  /// What a user should know of it, a line each.
  var warnings: [String] { Self.warnings(unsupportedFields, ignoredFields) }

  static func warnings(_ unsupportedFields: [String], _ ignoredFields: [String]) -> [String] {
    unsupportedFields.map {
      "\(fileName): \($0) \(GenerationOptions.consequence(ofUnsupportedField: $0))"
    }
      + ignoredFields.map {
        "\(fileName): \($0) has no effect, as in Transformers: an image has no tokens to compare with"
      }
  }
}

/// How a tokenizer and a model that aren't equally large differ.
struct VocabularyFit: CustomStringConvertible {
  private let tokens: Int
  private let vocabularySize: Int

  /// Nil where they agree.
  init?(_ tokenizer: any Tokenizer, _ model: any CaptionModel) {
    (tokens, vocabularySize) = (tokenizer.idBound, model.vocabularySize)
    if tokens == vocabularySize { return nil }
  }

  /// Whether that is worth a warning whenever the model is loaded. Many models have a few ids more than tokens, which
  /// they were never taught: for special tokens, and because sizes that are multiples of powers of two compute faster.
  var isSuspicious: Bool {
    tokens > vocabularySize
      || vocabularySize > (tokens + Self.largestStep - 1) / Self.largestStep * Self.largestStep
  }

  private static let largestStep = 128

  var description: String {
    guard tokens < vocabularySize else {
      return
        "the tokenizer has a token \(tokens - 1), but the decoder's vocab_size is \(vocabularySize): if captions make "
        + "no sense, take the tokenizer from the model's own folder"
    }
    return
      "the tokenizer has no token from \(tokens) on, but the decoder's vocab_size is \(vocabularySize): such ids stand "
      + "for no text; if words are missing in captions, take the tokenizer from the model's own folder"
  }
}
