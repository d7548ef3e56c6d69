/// Where extended grapheme clusters end. (Unicode Standard Annex #29, https://www.unicode.org/reports/tr29)
///
/// Swift's own `Character` follows the Unicode version of the compiler; these are the ones of `tokenizers`.
enum GraphemeBreaks {
  /// Raw values are those of ``GraphemeTables``; what is in no table is `other`.
  private enum Kind: UInt8 {
    case other, control, extend, zwj, regional, prepend, spacing, l, v, t, pictographic
    case lv, lvt
  }

  private enum Conjunct: UInt8 {
    case none, consonant, linker, extend
  }

  private static let kinds = RangeTable(GraphemeTables.classes, hasValues: true)
  private static let conjuncts = RangeTable(GraphemeTables.conjuncts, hasValues: true)

  /// The end of the cluster that begins at `start`, which must be the index of a first byte of valid UTF-8.
  static func end(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    let (first, length) = UTF8Bytes.scalar(text, at: start)
    var end = start + length
    guard end < text.count else { return end }
    // Between two ASCII characters is a break, except within a line's end.
    if first < 0x80, text[end] < 0x80 { return first == 0x0D && text[end] == 0x0A ? end + 1 : end }
    var state = State(first)
    while end < text.count {
      let (scalar, length) = UTF8Bytes.scalar(text, at: end)
      guard state.joins(scalar) else { break }
      end += length
    }
    return end
  }

  /// What the rules need to know of the scalars so far.
  private struct State {
    private var last: Kind
    private var lastScalar: UInt32
    /// How many regional indicators came last.
    private var regionals: Int
    /// A pictograph and its extenders came last.
    private var followsPictograph: Bool
    /// A consonant came last, with extenders and linkers behind it.
    private var followsConsonant: Bool
    private var followsLinker = false

    init(_ scalar: UInt32) {
      last = State.kind(scalar)
      lastScalar = scalar
      regionals = last == .regional ? 1 : 0
      followsPictograph = last == .pictographic
      followsConsonant = conjuncts[scalar] == Conjunct.consonant.rawValue
    }

    /// Whether there is no break before `scalar`, which then is part of the state.
    mutating func joins(_ scalar: UInt32) -> Bool {
      let kind = State.kind(scalar)
      let conjunct = Conjunct(rawValue: conjuncts[scalar]) ?? .none
      guard joins(scalar, kind, conjunct) else { return false }
      regionals = kind == .regional ? regionals + 1 : 0
      followsPictograph = kind == .pictographic || followsPictograph && (kind == .extend || kind == .zwj)
      switch conjunct {
      case .consonant: (followsConsonant, followsLinker) = (true, false)
      case .linker: followsLinker = followsConsonant
      case .extend: break
      case .none: (followsConsonant, followsLinker) = (false, false)
      }
      (last, lastScalar) = (kind, scalar)
      return true
    }

    private func joins(_ scalar: UInt32, _ kind: Kind, _ conjunct: Conjunct) -> Bool {
      if last == .control { return lastScalar == 0x0D && scalar == 0x0A }
      switch (last, kind) {
      case (_, .control): return false
      case (.l, .l), (.l, .v), (.l, .lv), (.l, .lvt): return true
      case (.lv, .v), (.lv, .t), (.v, .v), (.v, .t): return true
      case (.lvt, .t), (.t, .t): return true
      case (_, .extend), (_, .zwj), (_, .spacing), (.prepend, _): return true
      case (.zwj, .pictographic) where followsPictograph: return true
      case (.regional, .regional) where regionals % 2 == 1: return true
      default: return conjunct == .consonant && followsLinker
      }
    }

    private static func kind(_ scalar: UInt32) -> Kind {
      if (0xAC00...0xD7A3).contains(scalar) { return (scalar - 0xAC00) % 28 == 0 ? .lv : .lvt }
      return Kind(rawValue: kinds[scalar]) ?? .other
    }
  }
}
