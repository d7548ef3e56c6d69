import Foundation
import VignetteFiles

/// A tokenizer with the behaviour and files of Hugging Face's: a model, and the added tokens around it.
struct PretrainedTokenizer: Tokenizer {
  let file: TokenizerFile
  let settings: TokenizerSettings
  let kind: TokenizerKind
  let added: AddedVocabulary
  let model: any TokenizerModel
  private let template: SpecialTokenTemplate

  let vocabularySize: Int
  let idBound: Int
  let modelMaxLength: Int?
  let bosTokenID: Int?
  let eosTokenID: Int?
  let padTokenID: Int?
  let unknownTokenID: Int?
  let clsTokenID: Int?
  let sepTokenID: Int?
  let maskTokenID: Int?

  /// - Parameters:
  ///   - file: the vocabulary, and the pipeline if `hasPipeline`.
  ///   - kind: the class whose behaviour is wanted.
  ///   - source: what to call the file in errors.
  init(
    _ file: TokenizerFile, _ settings: TokenizerSettings, _ kind: TokenizerKind, hasPipeline: Bool,
    source: String
  ) throws {
    var file = file
    let unknown = settings.named.first { $0.name == "unk_token" }?.token.content
    try TokenizerPipeline.rebuild(&file, kind, settings.fields, unknownToken: unknown)
    let model = try TokenizerPipeline.model(file, source: source, isExact: kind != .asWritten)
    let added = AddedVocabulary(
      settings.addedTokens(present: kind == .asWritten ? file.addedTokens : []), model: model,
      splitsSpecial: settings.splitsSpecialTokens)
    let special = SpecialTokens(settings, added, kind, source: source)
    if let processor = try special.postProcessor(hasPipeline: hasPipeline) { file.postProcessor = processor }
    let sections = JSONField(.object(["post_processor": file.postProcessor]), file: source)
    let template = try SpecialTokenTemplate(sections["post_processor"])
    for id in template.prefix + template.suffix
    where added.content(id) == nil && model.vocabulary.token(id) == nil {
      throw TokenizerError.invalid(
        file: source, problem: "post_processor names the id \(id), which no token has")
    }

    self.file = file
    self.settings = settings
    self.kind = kind
    self.added = added
    self.model = model
    self.template = template
    vocabularySize =
      model.vocabulary.count + added.tokens.count { model.vocabulary.id(of: $0.token.content.utf8) == nil }
    idBound = max(model.vocabulary.idBound, (added.tokens.map(\.id).max() ?? -1) + 1)
    modelMaxLength = settings.modelMaxLength
    bosTokenID = special.id("bos_token")
    eosTokenID = special.id("eos_token")
    padTokenID = special.id("pad_token")
    unknownTokenID = special.id("unk_token")
    clsTokenID = special.id("cls_token")
    sepTokenID = special.id("sep_token")
    maskTokenID = special.id("mask_token")
  }

  func encode(_ text: String, addSpecialTokens: Bool) -> [Int] {
    var ids = addSpecialTokens ? template.prefix : []
    var text = text
    text.withUTF8 { added.encode($0, model, into: &ids) }
    if addSpecialTokens { ids += template.suffix }
    return ids
  }

  func decode(_ ids: [Int], skipSpecialTokens: Bool, cleanUpTokenizationSpaces: Bool?) -> String {
    let tokens = ids.compactMap(bytes).filter { !(skipSpecialTokens && added.isSpecial($0)) }
    let text = model.decode(tokens)
    guard cleanUpTokenizationSpaces ?? settings.cleansUpSpaces,
      model.allowsCleanUp || settings.cleansUpSpacesOfBPE
    else { return text }
    return String(decoding: SpaceCleanUp.ofTransformers.apply(Array(text.utf8)), as: UTF8.self)
  }

  func tokenID(for token: String) -> Int? {
    added.id(of: token.utf8) ?? model.vocabulary.id(of: token.utf8).map { Int($0) }
  }

  func token(for id: Int) -> String? {
    bytes(id).map { String(decoding: $0, as: UTF8.self) }
  }

  func textBytes(of id: Int) -> [UInt8]? {
    (added.token(id)?.utf8[...] ?? model.vocabulary.token(id)).map { model.textBytes(of: $0) }
  }

  private func bytes(_ id: Int) -> ArraySlice<UInt8>? {
    added.content(id)?[...] ?? model.vocabulary.token(id)
  }
}

/// The part of a tokenizer between added tokens: normalisation, pre-tokenisation, the model, and decoding.
package protocol TokenizerModel: Sendable {
  var vocabulary: Vocabulary { get }

  /// Whether Transformers' own clean-up of spaces may apply to what this decodes.
  var allowsCleanUp: Bool { get }

  /// What text becomes before added tokens marked `normalized` are looked for; nil where nothing changes.
  ///
  /// - Parameter leading: as in ``NormalizedText``.
  func normalized(_ text: UnsafeBufferPointer<UInt8>, leading: Int) -> NormalizedText?

  /// Appends the ids of normalised text that holds no added token.
  ///
  /// - Parameter leading: as in ``NormalizedText``.
  func encode(_ text: UnsafeBufferPointer<UInt8>, leading: Int, into ids: inout [Int])

  /// What a token adds to a text that stands before it.
  func textBytes(of token: ArraySlice<UInt8>) -> [UInt8]

  /// The text of tokens.
  func decode(_ tokens: [ArraySlice<UInt8>]) -> String
}

/// What normalisation makes of a text.
package struct NormalizedText: Sendable {
  package var bytes: [UInt8]
  /// How many bytes at the beginning come, as `tokenizers` counts it, of the first character of what is encoded.
  package var leading: Int

  init(bytes: [UInt8], leading: Int) {
    self.bytes = bytes
    self.leading = min(leading, bytes.count)
    // A character is leading as a whole.
    while self.leading < bytes.count, UTF8Bytes.isContinuation(bytes[self.leading]) { self.leading += 1 }
  }
}
