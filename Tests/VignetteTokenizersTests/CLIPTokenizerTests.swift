import Foundation
import Testing
import VignetteTestSupport
import VignetteTokenizers

/// CLIP's tokenizer loads and works as Transformers' `CLIPTokenizer` does, on ten thousand awkward lines.
@Suite struct CLIPTokenizerTests {
  static let cases = TokenizerCase.cases("image_text/clip_tokenizer.json")
  static let folder = Fixture.url("image_text/clip")

  /// The case's folder: as Transformers saves it, or with vocab.json, merges.txt and the small files of CLIP's own.
  private static func load(_ expected: TokenizerCase, _ temporary: TemporaryFolder) throws -> any Tokenizer {
    let saved = try AutoTokenizer.load(from: folder)
    guard !expected.files.isEmpty else { return saved }
    try saved.save(to: temporary.url)
    try FileManager.default.removeItem(at: temporary.url.appendingPathComponent("tokenizer.json"))
    for (name, text) in expected.files { try temporary.write(Data(text.utf8), to: name) }
    try temporary.write(Data(#"{"model_type": "clip"}"#.utf8), to: "config.json")
    return try AutoTokenizer.load(from: temporary.url)
  }

  @Test func allCasesAreThere() { #expect(Self.cases.count == 2) }

  @Test(arguments: cases)
  func idsAndTextsEqualTransformers(_ expected: TokenizerCase) throws {
    let tokenizer = try Self.load(expected, TemporaryFolder())
    try expected.checkIDs(tokenizer)
    try expected.checkTexts(tokenizer)
  }

  @Test(arguments: cases)
  func savedTokenizerIsTheSame(_ expected: TokenizerCase) throws {
    let saved = try TemporaryFolder()
    try Self.load(expected, TemporaryFolder()).save(to: saved.url)
    try expected.checkIDs(AutoTokenizer.load(from: saved.url))
    try FileManager.default.removeItem(at: saved.url.appendingPathComponent("tokenizer.json"))
    try expected.checkIDs(AutoTokenizer.load(from: saved.url))
  }

  /// A tokenizer.json of CLIP's kind is read as it is written, too.
  @Test func anotherClassTakesThePipelineAsWritten() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      Data(contentsOf: Self.folder.appendingPathComponent("tokenizer.json")), to: "tokenizer.json")
    let written = try AutoTokenizer.load(from: folder.url)
    let own = try AutoTokenizer.load(from: Self.folder)
    for line in try AwkwardLines.all.get().prefix(500) { #expect(written.encode(line) == own.encode(line)) }
  }

  @Test func wordsEndInSpaces() throws {
    let tokenizer = try AutoTokenizer.load(from: Self.folder)
    let ids = tokenizer.encode("A  Red\ttent.", addSpecialTokens: false)
    #expect(tokenizer.decode(ids) == "a red tent .")
    #expect(
      String(decoding: ids.flatMap { tokenizer.textBytes(of: $0) ?? [] }, as: UTF8.self) == "a red tent . ")
  }

  @Test func anUnknownTokenThatIsMissingIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(#"{"a": 0, "a</w>": 1}"#.utf8), to: "vocab.json")
    try folder.write(Data("#version: 0.2\n".utf8), to: "merges.txt")
    try folder.write(Data(#"{"tokenizer_class": "CLIPTokenizer"}"#.utf8), to: "tokenizer_config.json")
    let error = try #require(throws: TokenizerError.self) { try AutoTokenizer.load(from: folder.url) }
    #expect("\(error)".contains("lacks the unknown token \"<|endoftext|>\""), "\(error)")
  }
}
