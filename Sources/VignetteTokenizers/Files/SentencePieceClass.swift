import VignetteFiles

/// What Transformers' classes for SentencePiece models make of a `.model` file and of a tokenizer.json.
struct SentencePieceClass: Sendable {
  private enum Layout {
    /// `<s>`, `<pad>`, `</s>` and `<unk>` as in fairseq, instead of the first three pieces.
    case fairseq
    case camembert
    /// The pieces as they are.
    case plain
  }

  let kind: TokenizerKind
  private let layout: Layout

  /// Nil for a class of another kind of model.
  init?(_ kind: TokenizerKind) {
    switch kind {
    case .xlmRoberta, .mbart, .mbart50: layout = .fairseq
    case .camembert: layout = .camembert
    case .t5, .barthez, .siglip: layout = .plain
    case .gpt2, .roberta, .bert, .bertJapanese, .clip, .asWritten: return nil
    }
    self.kind = kind
  }

  /// What the class calls its `.model` file.
  var fileName: String { kind == .t5 || kind == .siglip ? "spiece.model" : "sentencepiece.bpe.model" }

  // MARK: The vocabulary

  /// The tokens of a `.model` file in the order of the class.
  ///
  /// - Parameters:
  ///   - names: special tokens that the folder's configuration names, by `bos_token` and the like.
  ///   - extraIDs: how many tokens `<extra_id_…>` T5 has.
  func vocabulary(_ file: SentencePieceFile, names: [String: String], extraIDs: Int) -> UnigramVocabulary {
    func name(_ key: String) -> String { names[key] ?? kind.defaultTokens[key] ?? "" }
    var vocabulary = UnigramVocabulary()
    switch layout {
    case .fairseq:
      for key in [kind == .mbart50 ? "cls_token" : "bos_token", "pad_token", "eos_token", "unk_token"] {
        vocabulary.append(name(key), score: 0)
      }
    case .camembert:
      vocabulary.append("<s>NOTUSED", score: 0)
      vocabulary.append(name("pad_token"), score: 0)
      vocabulary.append("</s>NOTUSED", score: 0)
      vocabulary.append(name("unk_token"), score: 0)
      vocabulary.append("<unk>NOTUSED", score: -100)
    case .plain: break
    }
    for piece in file.pieces.dropFirst(skippedPieces) {
      vocabulary.append(piece.text, score: Double(piece.score))
    }
    switch kind {
    case .mbart: for code in Self.languageCodes.prefix(25) { vocabulary.append(code, score: 0) }
    case .mbart50: for code in Self.languageCodes { vocabulary.append(code, score: 0) }
    case .t5: for id in (0..<extraIDs).reversed() { vocabulary.append("<extra_id_\(id)>", score: 0) }
    default: break
    }
    if layout != .plain { vocabulary.append(name("mask_token"), score: 0) }
    return vocabulary
  }

  private var skippedPieces: Int {
    switch layout {
    case .fairseq: 3
    case .camembert: 1
    case .plain: 0
    }
  }

  /// The id for unknown text, whatever the file says.
  func unknownID(_ vocabulary: Vocabulary, unknownToken: String?) -> Int {
    switch kind {
    case .t5: 2
    case .siglip: unknownToken.flatMap { vocabulary.firstID(of: $0.utf8) } ?? 2
    case .camembert: unknownToken.flatMap { vocabulary.firstID(of: $0.utf8) } ?? 0
    default: 3
    }
  }

  // MARK: The pipeline

  /// - Parameters:
  ///   - characterMap: the normalizer `Precompiled`, if there is one.
  ///   - lowercases: whether the class does that, where it may.
  func normalizer(characterMap: JSONValue?, lowercases: Bool) -> JSONValue {
    switch kind {
    case .siglip:
      // Its "canonical" text: small letters without punctuation or needless space, marked at the start.
      let strip: JSONValue = ["type": "Strip", "strip_left": true, "strip_right": true]
      func replace(_ kind: String, _ pattern: String, by content: String) -> JSONValue {
        ["type": "Replace", "pattern": [kind: .string(pattern)], "content": .string(content)]
      }
      var steps = [replace("String", "\u{2581}", by: " ")]
      if lowercases { steps.append(["type": "Lowercase"]) }
      steps += [replace("Regex", TextPattern.punctuation, by: ""), replace("Regex", "\\s+", by: " "), strip]
      if var map = characterMap?.asObject {
        // There is no fast tokenizer: SentencePiece itself encodes.
        map[TextNormalizer.longestMatch] = true
        steps.append(.object(map))
      }
      steps += [replace("Regex", " {2,}", by: " "), strip, ["type": "Prepend", "prepend": "\u{2581}"]]
      return ["type": "Sequence", "normalizers": .array(steps)]
    case .mbart: return .null
    case .mbart50:
      let spaces: JSONValue = ["type": "Replace", "pattern": ["Regex": " {2,}"], "content": " "]
      return ["type": "Sequence", "normalizers": .array((characterMap.map { [$0] } ?? []) + [spaces])]
    case .barthez:
      return [
        "type": "Sequence",
        "normalizers": [
          ["type": "Replace", "pattern": ["Regex": "\\s{2,}|[\\n\\r\\t]"], "content": " "], ["type": "NFC"],
          ["type": "Strip", "strip_left": false, "strip_right": true],
        ],
      ]
    default: return characterMap ?? .null
    }
  }

  func preTokenizer(addPrefixSpace: Bool) -> JSONValue {
    // The text has its mark already.
    guard kind != .siglip else {
      return ["type": "Metaspace", "replacement": "\u{2581}", "prepend_scheme": "never", "split": true]
    }
    let metaspace = decoder(addPrefixSpace: addPrefixSpace)
    guard kind != .mbart50, kind != .barthez else { return metaspace }
    return ["type": "Sequence", "pretokenizers": [["type": "WhitespaceSplit"], metaspace]]
  }

  func decoder(addPrefixSpace: Bool) -> JSONValue {
    let canOmit = kind == .xlmRoberta || kind == .camembert || kind == .barthez
    return [
      "type": "Metaspace", "replacement": "\u{2581}",
      "prepend_scheme": canOmit && !addPrefixSpace ? "never" : "always", "split": true,
    ]
  }

  // MARK: Tokens

  /// The special tokens without a name.
  ///
  /// - Parameter additional: the control and user-defined pieces of a `.model` file, or else what a
  ///   special_tokens_map.json lists.
  func extraTokens(_ additional: [AddedToken]?, extraIDs: Int) -> [AddedToken] {
    func named(_ names: some Sequence<String>) -> [AddedToken] { names.map { AddedToken(special: $0) } }
    let given = additional ?? []
    switch kind {
    case .camembert: return additional ?? named(["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"])
    case .mbart:
      let codes = named(Self.languageCodes.prefix(25))
      return codes + given.filter { token in !codes.contains { $0.hasContent(token.content) } }
    case .mbart50: return given + named(Self.languageCodes)
    case .t5:
      return given.contains { $0.content.contains("<extra_id_") }
        ? given : given + named((0..<extraIDs).map { "<extra_id_\($0)>" })
    default: return given
    }
  }

  /// The names of the tokens before and after a text.
  ///
  /// - Parameter language: `src_lang`.
  func template(language: String?) -> (before: [String], after: [String]) {
    switch kind {
    case .t5, .siglip: ([], ["eos_token"])
    case .mbart: ([], ["eos_token", language ?? "en_XX"])
    case .mbart50: ([language ?? "en_XX"], ["eos_token"])
    case .barthez: ([], [])
    default: (["bos_token"], ["eos_token"])
    }
  }

  /// fairseq's: mBART has the first 25, mBART-50 all.
  static let languageCodes = [
    "ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI", "fr_XX", "gu_IN", "hi_IN", "it_IT",
    "ja_XX",
    "kk_KZ", "ko_KR", "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX", "ro_RO", "ru_RU", "si_LK", "tr_TR",
    "vi_VN",
    "zh_CN", "af_ZA", "az_AZ", "bn_IN", "fa_IR", "he_IL", "hr_HR", "id_ID", "ka_GE", "km_KH", "mk_MK",
    "ml_IN",
    "mn_MN", "mr_IN", "pl_PL", "ps_AF", "pt_XX", "sv_SE", "sw_KE", "ta_IN", "te_IN", "th_TH", "tl_XX",
    "uk_UA",
    "ur_PK", "xh_ZA", "gl_ES", "sl_SI",
  ]
}
