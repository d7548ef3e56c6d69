import VignetteCheckpoints
import VignetteFiles

/// Which of a repository's files make a model that can be read: configurations, tokenizer, and the weights once.
///
/// Of weights, safetensors are preferred, as Transformers prefers them; copies for other frameworks are left where they
/// are.
package enum ModelFileSelection {
  /// Configurations and what tokenizers are made from.
  static let smallFiles = [
    "config.json", "generation_config.json", "preprocessor_config.json", "processor_config.json",
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt", "vocab.txt", "spiece.model", "sentencepiece.bpe.model", "tokenizer.model",
    "chat_template.jinja", "chat_template.json",
  ]

  /// What a reader may look for, be it there or not.
  package static let soughtNames =
    smallFiles + WeightsFormat.allCases.flatMap { [$0.fileName, $0.indexName] }

  /// The weights among `names`.
  enum Weights: Equatable {
    case file(String)
    /// Several files, which the index names.
    case index(String)
  }

  static func weights(among names: Set<String>) -> Weights? {
    for format in [WeightsFormat.safetensors, .pytorch] {
      if names.contains(format.fileName) { return .file(format.fileName) }
      if names.contains(format.indexName) { return .index(format.indexName) }
    }
    return nil
  }

  /// The files that an index of weights names, in order.
  ///
  /// - Throws: `JSONError`.
  static func shards(in index: JSONField) throws -> [String] {
    var shards: Set<String> = []
    for (_, field) in try index["weight_map"].members() {
      let shard: String = try field.value()
      guard HubFile.isSafe(shard), FileName.parts(shard).count == 1 else {
        throw field.mismatch(expected: "the name of a file beside the index")
      }
      shards.insert(shard)
    }
    return shards.sorted()
  }
}
