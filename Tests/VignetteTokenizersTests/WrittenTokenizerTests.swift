import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// A tokenizer.json whose class no file names is taken as it is, whatever the language model.
@Suite struct WrittenTokenizerTests {
  private static let words = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "A", "a", "Dog", "dog", "runs", "on", "grass", ".", "it",
    "'", "s",
  ]

  private static func json(
    normalizer: String = #"{"type": "BertNormalizer", "strip_accents": false, "lowercase": false}"#,
    preTokenizer: String = #"{"type": "BertPreTokenizer"}"#, postProcessor: String = "null",
    decoder: String = ###"{"type": "WordPiece", "prefix": "##", "cleanup": false}"###, model: String = "",
    added: String = ""
  ) -> String {
    let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    return """
      {"version": "1.0", "added_tokens": [\(added)], "normalizer": \(normalizer), "pre_tokenizer": \(preTokenizer),
       "post_processor": \(postProcessor), "decoder": \(decoder),
       "model": {"type": "WordPiece", "unk_token": "[UNK]"\(model), "vocab": {\(vocabulary)}}}
      """
  }

  private static func load(_ json: String, decoder: String = "bert") throws -> any Tokenizer {
    let folder = try TemporaryFolder()
    try folder.write(Data(json.utf8), to: "tokenizer.json")
    try folder.write(
      Data(#"{"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]"}"#.utf8),
      to: "tokenizer_config.json")
    try folder.write(
      Data(#"{"model_type": "vision-encoder-decoder", "decoder": {"model_type": "\#(decoder)"}}"#.utf8),
      to: "config.json")
    return try AutoTokenizer.load(from: folder.url, modelType: decoder)
  }

  /// Ids and text of Transformers 5.24's `AutoTokenizer`.
  @Test(arguments: ["bert", "gpt2", "roberta", "distilbert"])
  func theDecodersTypePlaysNoPart(decoder: String) throws {
    let tokenizer = try Self.load(Self.json(), decoder: decoder)
    #expect(tokenizer.encode("A Dog runs on grass.") == [5, 7, 9, 10, 11, 12])
    #expect(
      tokenizer.decode([2, 13, 14, 15, 5, 7, 12, 3], skipSpecialTokens: true) == "it ' s A Dog .")
  }

  @Test(arguments: [
    (
      json(normalizer: #"{"type": "BertNormalizer", "lowercase": "no"}"#), "normalizer.lowercase",
      "true or false"
    ),
    (
      json(normalizer: #"{"type": "BertNormalizer", "strip_accents": 1}"#), "normalizer.strip_accents",
      "found 1"
    ),
    (json(normalizer: "[]"), "normalizer", "an object"),
    (json(preTokenizer: #"{"type": 5}"#), "pre_tokenizer.type", "5"),
    (json(decoder: #"{"type": "WordPiece", "cleanup": "x"}"#), "decoder.cleanup", "true or false"),
    (json(decoder: #"{"type": "WordPiece", "prefix": 3}"#), "decoder.prefix", "a string"),
    (json(model: #", "max_input_chars_per_word": "many""#), "model.max_input_chars_per_word", "an integer"),
    (json(model: #", "continuing_subword_prefix": []"#), "model.continuing_subword_prefix", "a string"),
    (json(postProcessor: #"{"type": "Sequence", "processors": 4}"#), "post_processor.processors", "a list"),
    (
      json(postProcessor: #"{"type": "TemplateProcessing", "single": "x"}"#), "post_processor.single",
      "a list"
    ),
    (json(added: #"{"id": "0", "content": "[PAD]"}"#), "added_tokens[0].id", "an integer"),
    (
      json(added: #"{"id": 0, "content": "[PAD]", "special": "yes"}"#), "added_tokens[0].special",
      "true or false"
    ),
  ])
  func aFieldOfAWrongTypeIsAnError(json: String, field: String, problem: String) throws {
    let error = try #require(throws: TokenizerError.self) { try Self.load(json) }
    #expect("\(error)".contains("tokenizer.json is no valid tokenizer file: \(field): expected"), "\(error)")
    #expect("\(error)".contains(problem), "\(error)")
  }
}
