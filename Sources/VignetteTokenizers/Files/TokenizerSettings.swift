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

  /// Settings given by a program.
  init(config: JSONObject, kind: TokenizerKind) throws {
    self.config = config
    file = "the tokenizer's configuration"
    try name(kind, [:])
  }

  /// - Parameters:
  ///   - config: tokenizer_config.json.
  ///   - file: the folder's tokenizer.json or what its vocabulary files were brought into.
  init(folder: URL, config: JSONField, kind: TokenizerKind, file: TokenizerFile) throws {
    self.config = try config.value()
    self.file = config.file
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
    try name(kind, Dictionary(listed.map { ($0.utf8, $0) }) { $1 })
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
  private mutating func name(_ kind: TokenizerKind, _ listed: [[UInt8]: AddedToken]) throws {
    cleansUpSpaces = try fields["clean_up_tokenization_spaces"].value(default: false)
    cleansUpSpacesOfBPE =
      try fields["clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output"].value(
        default: false)
    splitsSpecialTokens = try fields["split_special_tokens"].value(default: false)
    for name in Self.standardNames {
      let value = config[name] ?? kind.defaultTokens[name].map { .string($0) }
      guard let token = try value.flatMap(token) else { continue }
      named.append((name, listed[token.utf8] ?? token))
    }
    for member in config
    where member.key.hasSuffix("_token") && !Self.standardNames.contains(member.key) {
      if let token = try token(member.value) { named.append((member.key, token)) }
    }
    for member in config["extra_special_tokens"]?.asObject ?? [:] {
      if let token = try token(member.value) { named.append((member.key, token)) }
    }
    extra = try extraValues.compactMap(token)
  }

  private var extraValues: [JSONValue] {
    (config["extra_special_tokens"] ?? config["additional_special_tokens"])?.asArray ?? []
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
