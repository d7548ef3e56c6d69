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
  var cleansUpSpaces: Bool { config["clean_up_tokenization_spaces"]?.asBool ?? false }
  var cleansUpSpacesOfBPE: Bool {
    config["clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output"]?.asBool ?? false
  }
  var splitsSpecialTokens: Bool { config["split_special_tokens"]?.asBool ?? false }

  /// Settings given by a program.
  init(config: JSONObject, kind: TokenizerKind) {
    self.config = config
    name(kind, [:])
  }

  /// - Parameters:
  ///   - config: tokenizer_config.json.
  ///   - file: the folder's tokenizer.json or what its vocabulary files were brought into.
  init(folder: URL, config: JSONObject, kind: TokenizerKind, file: TokenizerFile) throws {
    self.config = config
    let configURL = folder.appendingPathComponent("tokenizer_config.json")
    var tokenOfID: [Int: AddedToken] = [:]
    if let decoder = config["added_tokens_decoder"] {
      var claims = AddedTokenClaims(vocabulary: file.vocabulary, file: configURL.path)
      for member in decoder.asObject ?? [:] {
        guard let token = AddedToken(member.value) else {
          throw TokenizerError.invalid(
            file: configURL.path, problem: "added_tokens_decoder.\(member.key) has no \"content\"")
        }
        try claims.add(token.content, id: Int(member.key))
        tokenOfID[Int(member.key) ?? 0] = token
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
    if kind == .asWritten, config["pad_token"] == nil, let pad = file.padding["pad_token"] {
      self.config["pad_token"] = pad
    }
    name(kind, Dictionary(listed.map { ($0.utf8, $0) }) { $1 })
  }

  /// Takes over the members of a special_tokens_map.json, which go before tokenizer_config.json's.
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
    let special = Set(special.compactMap { Self.token($0)?.utf8 })
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

  /// Sets ``named`` and ``extra``. A listed token lends its flags to a name with the same content.
  private mutating func name(_ kind: TokenizerKind, _ listed: [[UInt8]: AddedToken]) {
    for name in Self.standardNames {
      let value = config[name] ?? kind.defaultTokens[name].map { .string($0) }
      guard let token = value.flatMap(Self.token) else { continue }
      named.append((name, listed[token.utf8] ?? token))
    }
    for member in config
    where member.key.hasSuffix("_token") && !Self.standardNames.contains(member.key) {
      if let token = Self.token(member.value) { named.append((member.key, token)) }
    }
    for member in config["extra_special_tokens"]?.asObject ?? [:] {
      if let token = Self.token(member.value) { named.append((member.key, token)) }
    }
    extra = extraValues.compactMap(Self.token)
  }

  private var extraValues: [JSONValue] {
    (config["extra_special_tokens"] ?? config["additional_special_tokens"])?.asArray ?? []
  }

  /// A token given by name or in full.
  private static func token(_ value: JSONValue) -> AddedToken? {
    value.asString.map { AddedToken(special: $0) } ?? AddedToken(value)
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
