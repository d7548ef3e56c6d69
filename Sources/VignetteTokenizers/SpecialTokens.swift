import VignetteFiles

/// The tokens that a tokenizer's configuration names, and what a class of tokenizer does with them.
struct SpecialTokens {
  private let settings: TokenizerSettings
  private let added: AddedVocabulary
  private let kind: TokenizerKind
  private let source: String

  /// - Parameter source: what to call the file in errors.
  init(_ settings: TokenizerSettings, _ added: AddedVocabulary, _ kind: TokenizerKind, source: String) {
    self.settings = settings
    self.added = added
    self.kind = kind
    self.source = source
  }

  /// The id of the token with a name such as `bos_token`.
  func id(_ name: String) -> Int? { token(name)?.id }

  /// How the class puts its tokens around a text; nil where the file's own way stays.
  ///
  /// - Parameter hasPipeline: whether the file says how.
  /// - Throws: ``TokenizerError/invalid(file:problem:)`` where a token is missing that the class needs.
  func postProcessor(hasPipeline: Bool) throws -> JSONValue? {
    let config = settings.fields
    switch kind {
    case .asWritten:
      return nil
    case .gpt2:
      if hasPipeline { return nil }
      let bos = try config["add_bos_token"].value(default: false) ? token("bos_token") : nil
      let eos = try config["add_eos_token"].value(default: false) ? token("eos_token") : nil
      return TokenizerPipeline.template(
        before: bos.map { [$0] } ?? [], after: eos.map { [$0] } ?? [], pairRepeatsBefore: true)
    case .roberta:
      return TokenizerPipeline.robertaProcessing(
        cls: try required("cls_token"), sep: try required("sep_token"),
        addPrefixSpace: try config["add_prefix_space"].value(default: false),
        trimOffsets: try config["trim_offsets"].value(default: true))
    case .clip:
      return TokenizerPipeline.robertaProcessing(
        cls: try required("bos_token"), sep: try required("eos_token"), addPrefixSpace: false,
        trimOffsets: false)
    case .bert, .bertJapanese:
      return TokenizerPipeline.template(
        before: [try required("cls_token")], after: [try required("sep_token")], pairRepeatsBefore: false)
    case .barthez where hasPipeline: return nil
    case .xlmRoberta, .camembert, .mbart, .mbart50, .t5, .barthez, .siglip:
      let names = SentencePieceClass(kind)?.template(language: try config["src_lang"].optional())
      return TokenizerPipeline.template(
        before: try (names?.before ?? []).map(placed), after: try (names?.after ?? []).map(placed),
        pairRepeatsBefore: false)
    }
  }

  /// A token by its name, or a language's code; an unknown code is the unknown token, as it is in Transformers.
  private func placed(_ name: String) throws -> (String, Int) {
    if name.hasSuffix("_token") { return try required(name) }
    return try added.id(of: name.utf8).map { (name, $0) } ?? required("unk_token")
  }

  private func token(_ name: String) -> (content: String, id: Int)? {
    guard let content = settings.named.first(where: { $0.name == name })?.token.content,
      let id = added.id(of: content.utf8)
    else { return nil }
    return (content, id)
  }

  private func required(_ name: String) throws -> (String, Int) {
    guard let token = token(name) else {
      throw TokenizerError.invalid(
        file: source, problem: "\(kind.rawValue) needs a \(name), which is set to none")
    }
    return token
  }
}

/// The special tokens that a model expects around a text, such as `[CLS] … [SEP]`.
package struct SpecialTokenTemplate: Sendable, Equatable {
  package var prefix: [Int] = []
  package var suffix: [Int] = []

  package init() {}

  /// Reads the `post_processor` of a tokenizer.json.
  init(_ processor: JSONField) throws {
    switch try processor["type"].optional(as: String.self) {
    case nil where !processor.isPresent, "ByteLevel": break
    case "RobertaProcessing", "BertProcessing":
      prefix = [try Self.pairedID(processor["cls"])]
      suffix = [try Self.pairedID(processor["sep"])]
    case "TemplateProcessing": try readTemplate(processor)
    case "Sequence":
      for part in try processor["processors"].elements() {
        let template = try SpecialTokenTemplate(part)
        prefix = template.prefix + prefix
        suffix += template.suffix
      }
    case let type:
      throw TokenizerError.unsupported(
        file: processor.file, feature: "the post-processor \(type ?? "without a type")")
    }
  }

  private static func pairedID(_ field: JSONField) throws -> Int {
    guard let pair = try? field.elements(), pair.count == 2, let id: Int = try? pair[1].value() else {
      throw TokenizerError.invalid(
        file: field.file, problem: "\(field.key) is no pair of a token and its id")
    }
    return id
  }

  private mutating func readTemplate(_ processor: JSONField) throws {
    var sequences = 0
    for piece in try processor["single"].elements() {
      if piece["Sequence"].isPresent {
        sequences += 1
        continue
      }
      let name: String = try piece["SpecialToken"]["id"].value()
      guard let ids: [Int] = try processor["special_tokens"][name]["ids"].optional() else {
        throw TokenizerError.invalid(
          file: processor.file, problem: "post_processor.special_tokens has no ids for \"\(name)\"")
      }
      if sequences == 0 { prefix += ids } else { suffix += ids }
    }
    guard sequences == 1 else {
      throw TokenizerError.unsupported(
        file: processor.file, feature: "a post_processor.single that holds the text \(sequences) times")
    }
  }
}
