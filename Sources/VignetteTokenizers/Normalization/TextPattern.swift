import VignetteFiles

/// What the `Replace` of a tokenizer.json looks for: a string, or one of the regular expressions that such files have.
struct TextPattern: Sendable {
  private enum Kind: Sendable {
    case literal([UInt8])
    /// ` {2,}`
    case spaces
    /// `\s+` and `\s{2,}|[\n\r\t]`
    case whitespace(minimum: Int)
    /// `\A +| +\z`
    case outerSpaces
    /// `\A▁`
    case firstMark
    /// ``TextPattern/punctuation``
    case punctuation
  }

  /// The regular expression for ASCII's punctuation, Python's `string.punctuation`.
  static let punctuation = "[!-/:-@\\[-`{-~]"

  private let kind: Kind

  private static let mark = Array("\u{2581}".utf8)

  /// Reads `{"String": …}` or `{"Regex": …}`.
  init(_ field: JSONField) throws {
    if let regex: String = try field["Regex"].optional() {
      switch regex {
      case " {2,}": kind = .spaces
      case "\\s+": kind = .whitespace(minimum: 1)
      case "\\s{2,}|[\\n\\r\\t]": kind = .whitespace(minimum: 2)
      case "\\A +| +\\z": kind = .outerSpaces
      case "\\A\u{2581}": kind = .firstMark
      case Self.punctuation: kind = .punctuation
      default:
        throw TokenizerError.unsupported(
          file: field.file, feature: "the regular expression \"\(regex)\" in \(field.key)")
      }
    } else {
      let text = Array(try field["String"].value(as: String.self).utf8)
      guard !text.isEmpty else { throw field["String"].mismatch(expected: "a string that isn't empty") }
      kind = .literal(text)
    }
  }

  /// Replaces what matches; nil where nothing does.
  ///
  /// - Parameter leading: as in ``NormalizedText``. A replacement counts as its match's last character.
  func replaced(
    _ text: UnsafeBufferPointer<UInt8>, by content: [UInt8], leading: Int = 0
  ) -> NormalizedText? {
    var output = NormalizedText(bytes: [], leading: 0)
    var done = 0
    func keep(until index: Int) {
      output.bytes.append(contentsOf: text[done..<index])
      output.leading += max(0, min(index, leading) - done)
    }
    var index = 0
    while index < text.count {
      guard let end = matchEnd(text, at: index) else {
        index += 1
        continue
      }
      keep(until: index)
      output.bytes.append(contentsOf: content)
      if end <= leading { output.leading += content.count }
      (index, done) = (end, end)
    }
    guard done > 0 else { return nil }
    keep(until: text.count)
    return output
  }

  private func matchEnd(_ text: UnsafeBufferPointer<UInt8>, at start: Int) -> Int? {
    switch kind {
    case .literal(let literal):
      return text[start] == literal[0] && text[start...].starts(with: literal) ? start + literal.count : nil
    case .spaces:
      let end = spaceEnd(text, start)
      return end >= start + 2 ? end : nil
    case .whitespace(let minimum):
      var (end, count) = (start, 0)
      while end < text.count, !UTF8Bytes.isContinuation(text[end]),
        case let (scalar, length) = UTF8Bytes.scalar(text, at: end), CharacterClass.isWhitespace(scalar)
      {
        (end, count) = (end + length, count + 1)
      }
      let isBreak = [0x0A, 0x0D, 0x09].contains(text[start])
      return count >= minimum || count == 1 && isBreak ? end : nil
    case .outerSpaces:
      guard start == 0 || text[start - 1] != 0x20, case let end = spaceEnd(text, start) else { return nil }
      return end > start && (start == 0 || end == text.count) ? end : nil
    case .punctuation:
      switch text[start] {
      case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: return start + 1
      default: return nil
      }
    case .firstMark:
      return start == 0 && text.starts(with: Self.mark) ? Self.mark.count : nil
    }
  }

  private func spaceEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    text[start...].firstIndex { $0 != 0x20 } ?? text.count
  }
}
