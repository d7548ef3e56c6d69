import VignetteFiles

/// The special tokens that a model expects around a text, such as `[CLS] … [SEP]`.
package struct SpecialTokenTemplate: Sendable, Equatable {
  package var prefix: [Int] = []
  package var suffix: [Int] = []

  package init() {}

  /// Reads the `post_processor` of a tokenizer.json.
  init(_ processor: JSONValue, file: String) throws {
    switch processor["type"]?.asString {
    case nil where processor == .null, "ByteLevel": break
    case "RobertaProcessing", "BertProcessing":
      prefix = [try Self.pairedID(processor["cls"], "cls", file)]
      suffix = [try Self.pairedID(processor["sep"], "sep", file)]
    case "TemplateProcessing": try readTemplate(processor, file)
    case "Sequence":
      for part in processor["processors"]?.asArray ?? [] {
        let template = try SpecialTokenTemplate(part, file: file)
        prefix = template.prefix + prefix
        suffix += template.suffix
      }
    case let type:
      throw TokenizerError.unsupported(file: file, feature: "the post-processor \(type ?? "without a type")")
    }
  }

  private static func pairedID(_ pair: JSONValue?, _ name: String, _ file: String) throws -> Int {
    guard let pair = pair?.asArray, pair.count == 2, let id = pair[1].asInt else {
      throw TokenizerError.invalid(
        file: file, problem: "post_processor.\(name) is no pair of a token and its id")
    }
    return id
  }

  private mutating func readTemplate(_ processor: JSONValue, _ file: String) throws {
    var sequences = 0
    for piece in processor["single"]?.asArray ?? [] {
      if piece["Sequence"] != nil {
        sequences += 1
      } else if let name = piece["SpecialToken"]?["id"]?.asString {
        let ids = processor["special_tokens"]?[name]?["ids"]?.asArray?.map(\.asInt)
        guard let ids, !ids.contains(nil) else {
          throw TokenizerError.invalid(
            file: file, problem: "post_processor.special_tokens has no ids for \"\(name)\"")
        }
        if sequences == 0 { prefix += ids.compactMap { $0 } } else { suffix += ids.compactMap { $0 } }
      }
    }
    guard sequences == 1 else {
      throw TokenizerError.unsupported(
        file: file, feature: "a post_processor.single that holds the text \(sequences) times")
    }
  }
}
