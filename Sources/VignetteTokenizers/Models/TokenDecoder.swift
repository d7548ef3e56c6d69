import VignetteFiles

/// The `decoder` of a tokenizer.json for a SentencePiece model: how tokens become text again.
struct TokenDecoder: Sendable {
  private enum Step: Sendable {
    case metaspace(Metaspace)
    case replace(TextPattern, [UInt8])
    case byteFallback
    case fuse
    case strip([UInt8], start: Int, stop: Int)
  }

  /// Nil for no decoder, which puts spaces between tokens.
  private var steps: [Step]?

  /// Whether tokens such as `<0x0A>` are bytes.
  let hasByteFallback: Bool

  /// - Throws: ``TokenizerError`` for a step that isn't known.
  init(_ field: JSONField) throws {
    steps = field.isPresent ? try Self.steps(field) : nil
    hasByteFallback = steps?.contains { if case .byteFallback = $0 { true } else { false } } ?? false
  }

  private static func steps(_ field: JSONField) throws -> [Step] {
    switch try field["type"].value(as: String.self) {
    case "Sequence": return try field["decoders"].elements().flatMap(steps)
    case "Metaspace": return [.metaspace(try Metaspace(field))]
    case "Replace":
      return [
        .replace(try TextPattern(field["pattern"]), Array(try field["content"].value(as: String.self).utf8))
      ]
    case "ByteFallback": return [.byteFallback]
    case "Fuse": return [.fuse]
    case "Strip":
      let content: String = try field["content"].value()
      guard content.unicodeScalars.count == 1 else {
        throw field["content"].mismatch(expected: "one character")
      }
      let (start, stop): (Int, Int) = (try field["start"].value(), try field["stop"].value())
      guard start >= 0, stop >= 0 else { throw field.mismatch(expected: "start and stop from 0") }
      return [.strip(Array(content.utf8), start: start, stop: stop)]
    case let type: throw TokenizerError.unsupported(file: field.file, feature: "the \(field.key) \(type)")
    }
  }

  /// The text of tokens, in UTF-8.
  func decode(_ tokens: [ArraySlice<UInt8>]) -> [UInt8] {
    guard let steps else { return Array(tokens.joined(separator: [0x20])) }
    var parts = tokens.map { Array($0) }
    for step in steps { parts = Self.apply(step, parts) }
    return Array(parts.joined())
  }

  private static func apply(_ step: Step, _ parts: [[UInt8]]) -> [[UInt8]] {
    switch step {
    case .metaspace(let metaspace):
      return parts.enumerated().map { index, part in
        replacing(metaspace.mark, by: index == 0 && metaspace.prepending != .never ? [] : [0x20], in: part)
      }
    case .replace(let pattern, let content):
      return parts.map { part in
        part.withUnsafeBufferPointer { pattern.replaced($0, by: content)?.bytes } ?? part
      }
    case .byteFallback: return joiningBytes(parts)
    case .fuse: return [Array(parts.joined())]
    case .strip(let content, let start, let stop): return parts.map { stripped($0, of: content, start, stop) }
    }
  }

  private static func replacing(_ mark: [UInt8], by content: [UInt8], in part: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < part.count {
      if part[index] == mark[0], part[index...].starts(with: mark) {
        result += content
        index += mark.count
      } else {
        result.append(part[index])
        index += 1
      }
    }
    return result
  }

  private static func stripped(_ part: [UInt8], of content: [UInt8], _ start: Int, _ stop: Int) -> [UInt8] {
    var rest = part[...]
    for _ in 0..<min(start, part.count) where rest.starts(with: content) {
      rest = rest.dropFirst(content.count)
    }
    for _ in 0..<min(stop, part.count) where rest.suffix(content.count).elementsEqual(content) {
      rest = rest.dropLast(content.count)
    }
    return Array(rest)
  }

  // MARK: Bytes

  /// Makes text of tokens that are bytes; each byte of a run that is no UTF-8 becomes U+FFFD.
  private static func joiningBytes(_ parts: [[UInt8]]) -> [[UInt8]] {
    var result: [[UInt8]] = []
    var run: [UInt8] = []
    func endRun() {
      if String(validating: run, as: UTF8.self) != nil {
        result.append(run)
      } else {
        result += Array(repeating: Array("\u{FFFD}".utf8), count: run.count)
      }
      run.removeAll()
    }
    for part in parts {
      if let byte = byte(of: part[...]) {
        run.append(byte)
      } else {
        endRun()
        result.append(part)
      }
    }
    endRun()
    return result
  }

  /// The byte that a token such as `<0x0A>` stands for.
  static func byte(of token: ArraySlice<UInt8>) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8), token.last == UInt8(ascii: ">") else {
      return nil
    }
    return UInt8(String(decoding: token.dropFirst(3).dropLast(), as: UTF8.self), radix: 16)
  }
}
