import Foundation
import VignetteFiles

/// What a folder's small files say about a tokenizer: tokenizer_config.json, special_tokens_map.json and
/// added_tokens.json, in the spellings of all versions of Transformers.
struct TokenizerSettings: Sendable {
  /// tokenizer_config.json with the special tokens of the other files merged in.
  private(set) var config: JSONObject
  /// Tokens by name (`bos_token`), in the order in which they get ids.
  private(set) var named: [(name: String, token: AddedToken)] = []
  /// Special tokens without a name.
  private(set) var extra: [AddedToken] = []
  /// Tokens that files list with ids, by id.
  private(set) var listed: [AddedToken] = []

  static let standardNames = [
    "bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token",
  ]

  var modelMaxLength: Int? { (config["model_max_length"] ?? config["max_len"])?.asInt }
  private(set) var cleansUpSpaces = false
  private(set) var cleansUpSpacesOfBPE = false
  private(set) var splitsSpecialTokens = false

  /// What errors call the configuration.
  private let file: String
  /// ``config``, read strictly.
  var fields: JSONField { JSONField(.object(config), file: file) }

  /// How many tokens `<extra_id_…>` a tokenizer of T5's kind has.
  static func extraIDs(_ config: JSONField) throws -> Int {
    let field = config["extra_ids"]
    let count = try field.value(default: 100)
    guard (0...10_000).contains(count) else { throw field.mismatch(expected: "an integer from 0 to 10000") }
    return count
  }

  /// The contents of the special tokens that a folder's files name.
  static func names(folder: URL, config: JSONField) throws -> [String: String] {
    var members: JSONObject = try config.value()
    let map = folder.appendingPathComponent("special_tokens_map.json")
    if !config["added_tokens_decoder"].isPresent, FileBytes.exists(map) {
      for (key, value) in try FileBytes.json(map).asObject ?? [:] { members[key] = value }
    }
    let names = standardNames.compactMap { name in
      (members[name].flatMap { $0.asString ?? $0["content"]?.asString }).map { (name, $0) }
    }
    return Dictionary(uniqueKeysWithValues: names)
  }

  /// Settings given by a program.
  init(config: JSONObject, kind: TokenizerKind) throws {
    self.config = config
    file = "the tokenizer's configuration"
    try name(kind, [:], extra: nil)
  }

  /// - Parameters:
  ///   - config: tokenizer_config.json.
  ///   - file: the folder's tokenizer.json or what its vocabulary files were brought into.
  init(folder: URL, config: JSONField, kind: TokenizerKind, file: TokenizerFile) throws {
    self.config = try config.value()
    self.file = config.file
    let hasOwnExtra = extraList != nil
    var tokenOfID: [Int: AddedToken] = [:]
    let decoder = config["added_tokens_decoder"]
    if decoder.isPresent {
      var claims = AddedTokenClaims(vocabulary: file.vocabulary, file: config.file)
      for member in try decoder.members() {
        guard let token = try AddedToken(member.field) else {
          throw TokenizerError.invalid(
            file: config.file, problem: "added_tokens_decoder.\(member.name) has no \"content\"")
        }
        try claims.add(token.content, id: Int(member.name))
        tokenOfID[Int(member.name) ?? 0] = token
      }
      listed = tokenOfID.sorted { $0.key < $1.key }.map(\.value)
    } else {
      let ownExtra = extraValues
      try mergeSpecialTokensMap(folder.appendingPathComponent("special_tokens_map.json"), ownExtra)
      let special =
        Self.standardNames.compactMap { self.config[$0] }
        + (self.config["extra_special_tokens"]?.asArray ?? ownExtra)
      listed = try legacyTokens(
        folder.appendingPathComponent("added_tokens.json"), file.vocabulary, special: special)
      listed += file.addedTokens
    }
    if kind == .asWritten, self.config["pad_token"] == nil, let pad = file.padding["pad_token"] {
      self.config["pad_token"] = pad
    }
    var extra: [AddedToken]?
    if let layout = SentencePieceClass(kind), !hasOwnExtra,
      self.config["extra_special_tokens"]?.asArray == nil
    {
      extra = layout.extraTokens(
        try file.pieceTokens ?? extraList?.compactMap(token), extraIDs: try Self.extraIDs(config))
    }
    try name(kind, Dictionary(listed.map { ($0.utf8, $0) }) { $1 }, extra: extra)
  }

  /// Takes over the members of a special_tokens_map.json, which override tokenizer_config.json's.
  private mutating func mergeSpecialTokensMap(_ url: URL, _ ownExtra: [JSONValue]) throws {
    guard FileBytes.exists(url) else { return }
    for (key, value) in try FileBytes.json(url).asObject ?? [:] {
      if var token = value.asObject, token["content"] != nil {
        token["special"] = true
        config[key] = .object(token)
      } else if key == "extra_special_tokens", let elements = value.asArray {
        config[key] = .array(ownExtra + elements)
      } else {
        config[key] = value
      }
    }
  }

  /// The tokens of an added_tokens.json (token → id), by id.
  ///
  /// - Parameter special: those of them that are special. As in Transformers, a special_tokens_map.json makes a token
  ///   so by giving it a name, not by listing it among `additional_special_tokens`.
  private func legacyTokens(
    _ url: URL, _ vocabulary: Vocabulary, special: [JSONValue]
  ) throws -> [AddedToken] {
    guard FileBytes.exists(url) else { return [] }
    let special = Set(try special.compactMap { try token($0)?.utf8 })
    var claims = AddedTokenClaims(vocabulary: vocabulary, file: url.path)
    var tokens: [(id: Int, token: AddedToken)] = []
    for member in try FileBytes.json(url).asObject ?? [:] {
      let id = member.value.asInt
      try claims.add(member.key, id: id)
      var token = AddedToken(special: member.key)
      token.special = special.contains(token.utf8)
      token.normalized = !token.special
      tokens.append((id ?? 0, token))
    }
    return tokens.sorted { $0.id < $1.id }.map(\.token)
  }

  /// Sets ``named``, ``extra`` and the switches. A listed token lends its flags to a name with the same content.
  ///
  /// - Parameter extra: the class's own special tokens without a name, where the files list none.
  private mutating func name(
    _ kind: TokenizerKind, _ listed: [[UInt8]: AddedToken], extra: [AddedToken]?
  ) throws {
    cleansUpSpaces = try fields["clean_up_tokenization_spaces"].value(default: false)
    cleansUpSpacesOfBPE =
      try fields["clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output"].value(
        default: false)
    splitsSpecialTokens = try fields["split_special_tokens"].value(default: false)
    for name in Self.standardNames {
      let value = config[name] ?? kind.defaultTokens[name].map { .string($0) }
      guard var token = try value.flatMap(token) else { continue }
      if name == "mask_token", kind.stripsBeforeMask, value?.asString != nil { token.lstrip = true }
      named.append((name, listed[token.utf8] ?? token))
    }
    for member in config
    where member.key.hasSuffix("_token") && !Self.standardNames.contains(member.key) {
      if let token = try token(member.value) { named.append((member.key, token)) }
    }
    for member in config["extra_special_tokens"]?.asObject ?? [:] {
      if let token = try token(member.value) { named.append((member.key, token)) }
    }
    self.extra = try extra ?? extraValues.compactMap(token)
  }

  private var extraValues: [JSONValue] { extraList ?? [] }

  private var extraList: [JSONValue]? {
    (config["extra_special_tokens"] ?? config["additional_special_tokens"])?.asArray
  }

  /// A token given by name or in full.
  private func token(_ value: JSONValue) throws -> AddedToken? {
    try value.asString.map { AddedToken(special: $0) } ?? AddedToken(JSONField(value, file: file))
  }

  /// All added tokens in the order in which they get ids.
  ///
  /// - Parameter present: those that a tokenizer taken as written brings along.
  func addedTokens(present: [AddedToken]) -> [AddedToken] {
    let flagsOfPresent = Dictionary(present.map { ($0.utf8, $0) }) { $1 }
    var missing = listed.filter { flagsOfPresent[$0.utf8] != $0 }
    let names = Set(named.map(\.token.utf8))
    for index in missing.indices where names.contains(missing[index].utf8) { missing[index].special = true }
    var known = Set(flagsOfPresent.keys).union(missing.map(\.utf8))
    for var token in named.map(\.token) + extra where known.insert(token.utf8).inserted {
      if names.contains(token.utf8) { token.special = true }
      missing.append(token)
    }
    return present + missing
  }
}
