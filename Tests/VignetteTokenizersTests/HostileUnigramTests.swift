import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// Damaged and hostile `.model` files, character maps and unigram models are errors that name what is wrong.
@Suite struct HostileUnigramTests {
  // MARK: .model files

  /// Protocol buffer fields.
  private enum Proto {
    static func varint(_ value: UInt64) -> [UInt8] {
      value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
    }
    static func bytes(_ field: UInt64, _ bytes: [UInt8]) -> [UInt8] {
      varint(field << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }
    static func integer(_ field: UInt64, _ value: UInt64) -> [UInt8] { varint(field << 3) + varint(value) }
    static func float(_ field: UInt64, _ value: Float) -> [UInt8] {
      varint(field << 3 | 5) + (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
    }
    static func piece(_ text: String, _ score: Float) -> [UInt8] {
      bytes(1, bytes(1, Array(text.utf8)) + float(2, score))
    }
    static let model = ["<unk>", "<s>", "</s>", "▁a"].flatMap { piece($0, -1) }
  }

  private static func error(model: [UInt8]) throws -> String? {
    let folder = try TemporaryFolder()
    try folder.write(Data(model), to: "sentencepiece.bpe.model")
    try folder.write(Data(#"{"model_type":"xlm-roberta"}"#.utf8), to: "config.json")
    do {
      _ = try AutoTokenizer.load(from: folder.url).encode("a café")
      return nil
    } catch let error as TokenizerError {
      #expect(
        "\(error)".contains("sentencepiece.bpe.model") || "\(error)".contains(folder.url.path), "\(error)")
      return "\(error)"
    }
  }

  private static let models: [(String, [UInt8])] = [
    ("it has no pieces", []),
    ("wire type 3", [0x0B]),
    ("wire type 7", [0x0F]),
    ("no field at byte 0", [0x00, 0x00]),
    ("it ends inside a number", [0x0A]),
    ("takes more than ten bytes", [UInt8](repeating: 0xFF, count: 30)),
    ("has 9223372036854775807 bytes, but 0 follow", [0x0A] + Proto.varint(1 << 63 - 1)),
    ("has 18446744073709551615 bytes, but 1 follow", [0x0A] + Proto.varint(.max) + [0]),
    ("expected bytes, found a varint", Proto.integer(1, 5)),
    ("expected 32 bits, found a varint", Proto.bytes(1, Proto.integer(2, 5))),
    ("expected a varint, found bytes", Proto.model + Proto.bytes(2, Proto.bytes(3, [1]))),
    ("a string is no UTF-8", Proto.bytes(1, Proto.bytes(1, [0xC3, 0x28]))),
    ("the score of the piece \"x\" is nan", Proto.piece("x", .nan)),
    ("the score of the piece \"x\" is -inf", Proto.piece("x", -.infinity)),
    (
      "a SentencePiece model of the type bpe is not supported",
      Proto.model + Proto.bytes(2, Proto.integer(3, 2))
    ),
    ("is no character map: it has 3 bytes", Proto.model + Proto.bytes(3, Proto.bytes(2, [1, 2, 3]))),
  ]

  @Test(arguments: models) func aBrokenModelIsAnError(message: String, model: [UInt8]) throws {
    let error = try #require(try Self.error(model: model))
    #expect(error.contains(message), "\(error)")
  }

  @Test func aModelMayHaveFieldsThatNobodyKnows() throws {
    let unknown = Proto.integer(200, .max) + Proto.varint(201 << 3 | 1) + [UInt8](repeating: 1, count: 8)
    #expect(try Self.error(model: Proto.model + unknown) == nil)
    // A type that is none is none.
    #expect(try Self.error(model: Proto.model + Proto.bytes(2, Proto.integer(3, 99))) == nil)
  }

  @Test func everyTruncationEnds() throws {
    let whole = [UInt8](try Fixture.data("unigram/clusters/sentencepiece.bpe.model"))
    #expect(try Self.error(model: whole) == nil)
    for length in stride(from: 0, to: whole.count, by: 11) {
      _ = try Self.error(model: Array(whole.prefix(length)))
    }
  }

  @Test func damagedModelsNeverTrap() throws {
    let whole = [UInt8](try Fixture.data("unigram/clusters/sentencepiece.bpe.model"))
    var generator = AwkwardLines(seed: 5)
    for _ in 0..<300 {
      var damaged = whole
      for _ in 0...generator.below(4) { damaged[generator.below(whole.count)] = UInt8(generator.below(256)) }
      _ = try Self.error(model: damaged)
    }
  }

  @Test func aFolderWithoutAModelSaysWhatIsMissing() throws {
    let folder = try TemporaryFolder()
    for (type, name) in [("t5", "spiece.model"), ("mbart", "sentencepiece.bpe.model")] {
      try folder.write(Data(#"{"model_type":"\#(type)"}"#.utf8), to: "config.json")
      let error = try #require(throws: TokenizerError.self) { try AutoTokenizer.load(from: folder.url) }
      #expect("\(error)".contains("there is neither tokenizer.json nor \(name)"), "\(error)")
    }
  }

  @Test func aModelOfNoClassSaysWhatToSet() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(Proto.model), to: "spiece.model")
    let error = try #require(throws: TokenizerError.self) { try AutoTokenizer.load(from: folder.url) }
    #expect("\(error)".contains("nothing says which tokenizer spiece.model is for"), "\(error)")
  }

  /// A folder of TrOCR without a tokenizer's class: its decoder has one of two kinds of vocabulary.
  @Test func theFilesOfTrOCRSayWhichTokenizerItHas() throws {
    let folder = try TemporaryFolder()
    let config = #"{"model_type":"vision-encoder-decoder","decoder":{"model_type":"trocr"}}"#
    try folder.write(Data(config.utf8), to: "config.json")
    try folder.write(Data(#"{"<s>":0,"<pad>":1,"</s>":2,"<unk>":3,"a":4,"<mask>":5}"#.utf8), to: "vocab.json")
    try folder.write(Data("#version: 0.2\n".utf8), to: "merges.txt")
    #expect(try AutoTokenizer.load(from: folder.url).encode("a") == [0, 4, 2])
    try folder.write(Data(Proto.model), to: "sentencepiece.bpe.model")
    let tokenizer = try AutoTokenizer.load(from: folder.url)
    #expect(tokenizer.encode("a") == [0, 4, 2] && tokenizer.token(for: 4) == "▁a")
  }

  // MARK: Character maps

  private static func load(
    _ normalizer: String = "null", preTokenizer: String = "null", decoder: String = "null",
    model: String = #""unk_id":0"#,
    vocabulary: String = #"[["<unk>",0],["a",-1]]"#
  ) throws -> any Tokenizer {
    let folder = try TemporaryFolder()
    let pipeline = #""normalizer":\#(normalizer),"pre_tokenizer":\#(preTokenizer),"decoder":\#(decoder)"#
    let json =
      #"{"added_tokens":[],\#(pipeline),"model":{"type":"Unigram",\#(model),"vocab":\#(vocabulary)}}"#
    try folder.write(Data(json.utf8), to: "tokenizer.json")
    return try AutoTokenizer.load(from: folder.url)
  }

  private static func map(
    _ units: [UInt32], _ replacements: [UInt8] = Array("x\0".utf8), size: UInt32? = nil
  ) -> [UInt8] {
    let words = [size ?? UInt32(4 * units.count)] + units
    return words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
      + replacements
  }

  private static func units(_ entries: [Int: UInt32]) -> [UInt32] { (0..<512).map { entries[$0] ?? 0 } }

  /// A trie whose root has the one child "a", with its unit and, where that has a leaf, the leaf's.
  private static func trie(_ child: UInt32, leaf: UInt32 = 0) -> [UInt32] {
    units([0: 256 << 10, 256 ^ 97: child | 97, 256: leaf])
  }
  private static let leafOfA: UInt32 = 97 << 10 | 1 << 8

  private static let maps: [(String, [UInt8])] = [
    ("it has 0 bytes", []),
    ("its trie has 0 of 2 bytes", map([], size: 0)),
    ("its trie has 4294967295 of", map(units([:]), size: .max)),
    ("its trie has 2049 of", map(units([:]), [], size: 2049)),
    ("its replacements are no UTF-8", map(units([0: 256 << 10]), [0xFF])),
    ("its trie goes on at unit 536870656 of 512", map(units([0: 0x1FFFFF << 10 | 1 << 9]))),
    ("its trie goes on at unit", map(trie(4096 << 10))),
    ("its trie goes on at unit", map(trie(4096 << 10 | 1 << 8))),
    (
      "a string becomes what is at byte 3 of its 2 replacements",
      map(trie(leafOfA, leaf: 1 << 31 | 3))
    ),
    (
      "a string becomes what is at byte 1 of its 3 replacements",
      map(trie(leafOfA, leaf: 1 << 31 | 1), Array("é\0".utf8))
    ),
  ]

  @Test(arguments: maps) func aBrokenCharacterMapIsAnError(message: String, map: [UInt8]) throws {
    let text = Data(map).base64EncodedString()
    let error = try #require(throws: TokenizerError.self) {
      try Self.load(#"{"type":"Precompiled","precompiled_charsmap":"\#(text)"}"#)
    }
    #expect(
      "\(error)".contains("normalizer.precompiled_charsmap is no character map: \(message)"), "\(error)")
  }

  /// All children of the root are the root.
  @Test func aTrieThatLeadsInCirclesEnds() throws {
    var units = Self.units([0: 256 << 10])
    for byte in 1..<256 { units[256 ^ byte] = UInt32(byte) << 10 | UInt32(byte) }
    let map = Data(Self.map(units)).base64EncodedString()
    let tokenizer = try Self.load(#"{"type":"Precompiled","precompiled_charsmap":"\#(map)"}"#)
    #expect(tokenizer.encode("aé\u{0}") == [1, 0])
  }

  // MARK: tokenizer.json

  private static let descriptions: [(message: String, load: @Sendable () throws -> any Tokenizer)] = [
    ("is no base 64", { try load(#"{"type":"Precompiled","precompiled_charsmap":"*"}"#) }),
    ("the normalizer Nmt is not supported", { try load(#"{"type":"Nmt"}"#) }),
    (
      "normalizer.normalizers[1] Foo",
      { try load(#"{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Foo"}]}"#) }
    ),
    ("normalizer.strip_left: expected true or false", { try load(#"{"type":"Strip"}"#) }),
    (
      #"the regular expression "\d" in normalizer.pattern is not supported"#,
      { try load(#"{"type":"Replace","pattern":{"Regex":"\\d"},"content":""}"#) }
    ),
    ("a string that isn't empty", { try load(#"{"type":"Replace","pattern":{"String":""},"content":""}"#) }),
    (
      "a group in normalizer.content",
      { try load(#"{"type":"Replace","pattern":{"Regex":" {2,}"},"content":"$1"}"#) }
    ),
    ("the pre_tokenizer Digits is not supported", { try load(preTokenizer: #"{"type":"Digits"}"#) }),
    (
      "pre_tokenizer.replacement: expected one character",
      { try load(preTokenizer: #"{"type":"Metaspace","replacement":"ab"}"#) }
    ),
    (
      "pre_tokenizer.prepend_scheme: expected",
      { try load(preTokenizer: #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"First"}"#) }
    ),
    (
      "pre_tokenizer.add_prefix_space: expected",
      { try load(preTokenizer: #"{"type":"Metaspace","replacement":"▁","add_prefix_space":false}"#) }
    ),
    ("the decoder CTC is not supported", { try load(decoder: #"{"type":"CTC"}"#) }),
    ("start and stop from 0", { try load(decoder: #"{"type":"Strip","content":" ","start":-1,"stop":0}"#) }),
    ("a Unigram model without model.unk_id is not supported", { try load(model: #""unk_id":null"#) }),
    ("model.unk_id is 2, but there are 2 tokens", { try load(model: #""unk_id":2"#) }),
    ("model.unk_id is -1", { try load(model: #""unk_id":-1"#) }),
    ("model.vocab[0][1]: expected a finite score", { try load(vocabulary: #"[["a",NaN]]"#) }),
    ("model.vocab[0][1]: expected a finite score", { try load(vocabulary: #"[["a",1e999]]"#) }),
    ("a pair of a token and its score", { try load(vocabulary: #"[["a"]]"#) }),
    ("a pair of a token and its score", { try load(vocabulary: #"[["a",0,0]]"#) }),
    ("model.vocab[1]", { try load(vocabulary: #"[["a",0],"b"]"#) }),
    ("model.vocab: expected an object, found a list", { try load(model: #""type":"WordPiece""#) }),
  ]

  @Test(arguments: descriptions.indices) func aBrokenDescriptionIsAnError(index: Int) throws {
    let (message, load) = Self.descriptions[index]
    let error = try #require(throws: TokenizerError.self) { try load() }
    #expect("\(error)".contains(message), "\(error)")
    #expect("\(error)".contains("tokenizer.json"), "\(error)")
  }
}
