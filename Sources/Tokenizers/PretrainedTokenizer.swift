import Foundation
import JSON

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
    TokenizerPipeline.rebuild(&file, kind, settings.config, unknownToken: unknown)
    let model = try TokenizerPipeline.model(file, source: source)
    let added = AddedVocabulary(
      settings.addedTokens(present: kind == .asWritten ? file.addedTokens : []), model: model,
      splitsSpecial: settings.splitsSpecialTokens)

    func token(_ name: String) -> (content: String, id: Int)? {
      guard let content = settings.named.first(where: { $0.name == name })?.token.content,
        let id = added.id(of: content.utf8)
      else { return nil }
      return (content, id)
    }
    func required(_ name: String) throws -> (String, Int) {
      guard let token = token(name) else {
        throw TokenizerError.invalid(
          file: source, problem: "\(kind.rawValue) needs a \(name), which is set to none")
      }
      return token
    }
    let config = settings.config
    switch kind {
    case .asWritten: break
    case .gpt2:
      if !hasPipeline {
        let bos = config["add_bos_token"]?.asBool == true ? token("bos_token") : nil
        let eos = config["add_eos_token"]?.asBool == true ? token("eos_token") : nil
        file.postProcessor = TokenizerPipeline.template(
          before: bos.map { [$0] } ?? [], after: eos.map { [$0] } ?? [], pairRepeatsBefore: true)
      }
    case .roberta:
      file.postProcessor = TokenizerPipeline.robertaProcessing(
        cls: try required("cls_token"), sep: try required("sep_token"),
        addPrefixSpace: config["add_prefix_space"]?.asBool ?? false,
        trimOffsets: config["trim_offsets"]?.asBool ?? true)
    case .bert:
      file.postProcessor = TokenizerPipeline.template(
        before: [try required("cls_token")], after: [try required("sep_token")], pairRepeatsBefore: false)
    }
    let template = try SpecialTokenTemplate(file.postProcessor, file: source)
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
    bosTokenID = token("bos_token")?.id
    eosTokenID = token("eos_token")?.id
    padTokenID = token("pad_token")?.id
    unknownTokenID = token("unk_token")?.id
    clsTokenID = token("cls_token")?.id
    sepTokenID = token("sep_token")?.id
    maskTokenID = token("mask_token")?.id
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

  private func bytes(_ id: Int) -> ArraySlice<UInt8>? {
    added.content(id)?[...] ?? model.vocabulary.token(id)
  }
}
