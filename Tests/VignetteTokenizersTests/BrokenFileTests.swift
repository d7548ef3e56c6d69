import Foundation
import VignetteTestSupport
import Testing
import VignetteTokenizers

/// Broken, hostile and foreign files give errors that name the file and the problem, and never a trap.
struct BrokenFileTests {
  /// Files of a folder, and what the error must say.
  struct Broken: Sendable, CustomTestStringConvertible {
    var files: [String: String]
    var message: String
    var testDescription: String { message }

    init(_ message: String, _ files: [String: String]) {
      self.files = files
      self.message = message
    }

    /// A tokenizer.json with a byte-level BPE model of "a", "b" and "ab".
    static func bpe(
      vocabulary: String = #"{"a":0,"b":1,"ab":2}"#, merges: String = #"["a b"]"#, added: String = "[]",
      other: String = #""normalizer":null"#, model: String = #""type":"BPE""#
    ) -> [String: String] {
      let pipeline = #""pre_tokenizer":{"type":"ByteLevel"},"decoder":{"type":"ByteLevel"}"#
      return [
        "tokenizer.json":
          #"{"added_tokens":\#(added),\#(pipeline),\#(other),"model":{\#(model),"vocab":\#(vocabulary),"merges":\#(merges)}}"#
      ]
    }
  }

  /// What a folder has instead of its tokenizer's files is named, with what to do about it.
  @Test(arguments: [
    (
      "tokenizer.model", "IQ== 0\nIg== 1\n",
      "it has tokenizer.model, which is tiktoken's or another that is not read: copy"
    ),
    ("qwen.tiktoken", "IQ== 0\n", "it has qwen.tiktoken, tiktoken's, which is not read: copy"),
    (
      "spm.model", "\u{0A}\u{0E}\u{0A}\u{05}<unk>",
      "it has spm.model, which is SentencePiece's: call it sentencepiece.bpe.model"
    ),
    ("vocab.txt", "[PAD]\n", "it has vocab.txt, which is read as a \"BertTokenizer\": set"),
    ("vocab.json", "{}", "it has vocab.json, which is read as a \"GPT2Tokenizer\" or \"RobertaTokenizer\""),
    ("notes.txt", "", "copy one from the pretrained model"),
  ])
  func otherFilesAreNamed(name: String, contents: String, what: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(#"{"model_type": "gpt2"}"#.utf8), to: "config.json")
    try folder.write(Data(contents.utf8), to: name)
    let error = try #require(throws: TokenizerError.self) { try AutoTokenizer.load(from: folder.url) }
    let missing = name == "vocab.json" ? "merges.txt" : "vocab.json"
    #expect(
      "\(error)".hasPrefix(
        "no tokenizer in \(folder.url.path): there is neither tokenizer.json nor \(missing); \(what)"),
      "\(error)")
  }

  static let broken = [
    Broken("there is neither tokenizer.json nor vocab.json", [:]),
    Broken(
      "nothing says whether vocab.json is GPT-2's or RoBERTa's",
      ["vocab.json": "{}", "merges.txt": "#version: 0.2\n"]),
    Broken("nor merges.txt", ["vocab.json": "{}", "config.json": #"{"model_type":"gpt2"}"#]),
    Broken("nor vocab.txt", ["config.json": #"{"model_type":"vit","decoder":{"model_type":"bert"}}"#]),
    Broken("config.json is no valid tokenizer file: it is no JSON object", ["config.json": "[]"]),
    Broken("expected a value at line 1, column 1", ["tokenizer_config.json": "what"]),
    Broken(
      "expected a value, but the text ends here at line 1, column 6", ["tokenizer_config.json": #"{"a":"#]),
    Broken("expected the end of the text", ["tokenizer_config.json": "{} {}"]),
    Broken(
      "more than 256 containers inside each other",
      ["tokenizer_config.json": String(repeating: "[", count: 100_000)]),
    Broken("half of a surrogate pair", ["tokenizer_config.json": #"{"unk_token":"\ud800"}"#]),
    Broken("a control character inside a string", ["tokenizer_config.json": "{\"unk_token\":\"\n\"}"]),
    Broken("model.vocab is missing", ["tokenizer.json": #"{"model":{"type":"BPE"}}"#]),
    Broken("model.merges is missing", ["tokenizer.json": #"{"model":{"type":"BPE","vocab":{}}}"#]),
    Broken("model.vocab: expected an object, found", Broken.bpe(vocabulary: #"[["a",0.5]]"#)),
    Broken(#"merge 1 joins "a" and "c""#, Broken.bpe(merges: #"["a c"]"#)),
    Broken(#"merge 2 joins "b" and "a""#, Broken.bpe(merges: #"[["a","b"],["b","a"]]"#)),
    Broken("a merge that is no pair", Broken.bpe(merges: #"["ab"]"#)),
    Broken("a merge that is no pair", Broken.bpe(merges: #"[["a","b","ab"]]"#)),
    Broken(#"the vocabulary has the token "a" twice"#, Broken.bpe(vocabulary: #"{"a":0,"a":1}"#)),
    Broken(
      #"the vocabulary gives the id 1 to "b" and to "ab""#, Broken.bpe(vocabulary: #"{"a":0,"b":1,"ab":1}"#)),
    Broken(#"the token "a b" twice"#, Broken.bpe(vocabulary: #"{"a\nb":0,"a\nb":1}"#)),
    Broken(
      "model.vocab.a: expected an integer from 0 to 16777215, found 99999999999999999999",
      Broken.bpe(vocabulary: #"{"a":99999999999999999999}"#)),
    Broken(
      "model.vocab.a: expected an integer from 0 to 16777215, found -1", Broken.bpe(vocabulary: #"{"a":-1}"#)),
    Broken("model.vocab.a: expected an integer from 0", Broken.bpe(vocabulary: #"{"a":1.5}"#)),
    Broken("model.vocab.a: expected an integer from 0", Broken.bpe(vocabulary: #"{"a":"0"}"#)),
    Broken(
      #"the added token "<x>" has the id 1, which "b" has"#, Broken.bpe(added: #"[{"id":1,"content":"<x>"}]"#)
    ),
    Broken(
      #""<y>" has the id 3, which "<x>" has"#,
      Broken.bpe(added: #"[{"id":3,"content":"<x>"},{"id":3,"content":"<y>"}]"#)),
    Broken("has no id from 0", Broken.bpe(added: #"[{"id":-3,"content":"<x>"}]"#)),
    Broken("added_tokens[0].id: expected an integer", Broken.bpe(added: #"[{"id":1e300,"content":"<x>"}]"#)),
    Broken("added_tokens has an entry without \"content\"", Broken.bpe(added: #"[{"id":3}]"#)),
    Broken("the normalizer NFC is not supported", Broken.bpe(other: #""normalizer":{"type":"NFC"}"#)),
    Broken("the pre_tokenizer Metaspace", Broken.bpe(other: #""pre_tokenizer":{"type":"Metaspace"}"#)),
    Broken("model.byte_fallback", Broken.bpe(model: #""type":"BPE","byte_fallback":true"#)),
    Broken("the model WordLevel is not supported", Broken.bpe(model: #""type":"WordLevel""#)),
    Broken("model.vocab: expected a list, found an object", Broken.bpe(model: #""type":"Unigram""#)),
    Broken(#"lacks the unknown token "<unk>""#, Broken.bpe(model: #""type":"BPE","unk_token":"<unk>""#)),
    Broken("the post-processor Foo", Broken.bpe(other: #""post_processor":{"type":"Foo"}"#)),
    Broken(
      "post_processor.cls is no pair", Broken.bpe(other: #""post_processor":{"type":"BertProcessing"}"#)),
    Broken(
      "post_processor names the id 7, which no token has",
      Broken.bpe(other: #""post_processor":{"type":"BertProcessing","cls":["a",0],"sep":["b",7]}"#)),
    Broken(
      #"post_processor.special_tokens has no ids for "x""#,
      Broken.bpe(
        other: #""post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}}]}"#)),
    Broken(
      "holds the text 0 times",
      Broken.bpe(other: #""post_processor":{"type":"TemplateProcessing","single":[]}"#)),
    Broken(
      "line 2 is no pair of tokens",
      [
        "vocab.json": #"{"a":0}"#, "merges.txt": "#version: 0.2\na\n",
        "config.json": #"{"model_type":"gpt2"}"#,
      ]),
    Broken(#"lacks the unknown token "[UNK]""#, ["vocab.txt": "a\nb\n"]),
    Broken(
      "BertTokenizer needs a sep_token",
      ["vocab.txt": "[UNK]\n[CLS]\n", "tokenizer_config.json": #"{"sep_token":null}"#]),
    Broken(
      "added_tokens_decoder.1 has no \"content\"",
      ["vocab.txt": "[UNK]\n", "tokenizer_config.json": #"{"added_tokens_decoder":{"1":{}}}"#]),
  ]

  @Test(arguments: broken)
  func errorNamesTheProblem(_ broken: Broken) throws {
    let folder = try TemporaryFolder()
    for (name, text) in broken.files { try folder.write(Data(text.utf8), to: name) }
    let error = #expect(throws: TokenizerError.self) { try AutoTokenizer.load(from: folder.url) }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains(broken.message), Comment(rawValue: text))
    #expect(text.contains(folder.url.path), "the file is named")
    #expect(!text.contains("\n"))
  }

  @Test func bytesThatAreNoUTF8() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data([0x5B, 0x55, 0x4E, 0x4B, 0x5D, 0x0A, 0xC3, 0x28, 0x0A]), to: "vocab.txt")
    #expect(throws: TokenizerError.self) { try AutoTokenizer.load(from: folder.url) }
    try folder.write(
      Data(#"{"model":{"vocab":{""#.utf8) + [0xFF] + Data(#"":0}}}"#.utf8), to: "tokenizer.json")
    #expect(throws: TokenizerError.self) { try AutoTokenizer.load(from: folder.url) }
  }

  @Test func everyTruncationIsAnError() throws {
    let whole = try Fixture.data("tokenizers/roberta/tokenizer.json")
    let folder = try TemporaryFolder()
    for length in stride(from: 0, to: whole.count - 2, by: 97) {
      try folder.write(whole.prefix(length), to: "tokenizer.json")
      #expect(throws: TokenizerError.self, "cut at \(length)") { try AutoTokenizer.load(from: folder.url) }
    }
  }

  @Test func damagedFilesNeverTrap() throws {
    let whole = try Fixture.data("tokenizers/roberta/tokenizer.json")
    let folder = try TemporaryFolder()
    var generator = AwkwardLines(seed: 3)
    for _ in 0..<300 {
      var damaged = whole
      for _ in 0..<(1 + generator.below(4)) {
        // The first part holds everything but the vocabulary.
        let place = generator.below(generator.below(2) == 0 ? 2000 : whole.count)
        damaged[damaged.startIndex + place] = UInt8(generator.below(256))
      }
      try folder.write(damaged, to: "tokenizer.json")
      do {
        let tokenizer = try AutoTokenizer.load(from: folder.url, modelType: "roberta")
        _ = tokenizer.decode(tokenizer.encode("a café <mask> 漢字 🙂"))
      } catch is TokenizerError {
      }
    }
  }
}
