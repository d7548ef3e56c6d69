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
    let config = settings.config
    switch kind {
    case .asWritten:
      return nil
    case .gpt2:
      if hasPipeline { return nil }
      let bos = config["add_bos_token"]?.asBool == true ? token("bos_token") : nil
      let eos = config["add_eos_token"]?.asBool == true ? token("eos_token") : nil
      return TokenizerPipeline.template(
        before: bos.map { [$0] } ?? [], after: eos.map { [$0] } ?? [], pairRepeatsBefore: true)
    case .roberta:
      return TokenizerPipeline.robertaProcessing(
        cls: try required("cls_token"), sep: try required("sep_token"),
        addPrefixSpace: config["add_prefix_space"]?.asBool ?? false,
        trimOffsets: config["trim_offsets"]?.asBool ?? true)
    case .bert:
      return TokenizerPipeline.template(
        before: [try required("cls_token")], after: [try required("sep_token")], pairRepeatsBefore: false)
    }
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
