import Foundation
import VignetteFiles

/// The `normalizer` of a tokenizer.json: steps that text goes through before it is cut.
struct TextNormalizer: Sendable {
  private enum Step: Sendable {
    case characterMap(CharacterMap, isLongest: Bool)
    case form(UnicodeForm)
    case strip(left: Bool, right: Bool)
    case replace(TextPattern, [UInt8])
    case prepend([UInt8])
    case lowercase
    case stripAccents
    case bert(BertNormalizer)
  }

  private var steps: [Step] = []

  /// A field of `Precompiled` that is this program's own: whether the map is applied as SentencePiece does it, and not as
  /// `tokenizers` does.
  static let longestMatch = "longest_match"

  /// - Throws: ``TokenizerError`` for a step that isn't known.
  init(_ field: JSONField) throws {
    guard field.isPresent else { return }
    switch try field["type"].value(as: String.self) {
    case "Sequence":
      for part in try field["normalizers"].elements() { steps += try TextNormalizer(part).steps }
    case "Precompiled":
      steps = [
        .characterMap(
          try Self.characterMap(field["precompiled_charsmap"]),
          isLongest: try field[Self.longestMatch].value(default: false))
      ]
    case "Strip":
      steps = [
        .strip(
          left: try field["strip_left"].value(),
          right: try field["strip_right"].value())
      ]
    case "Replace":
      let content: String = try field["content"].value()
      // In the replacement of a regular expression, a dollar sign names a group.
      guard !field["pattern"]["Regex"].isPresent || !content.contains("$") else {
        throw TokenizerError.unsupported(file: field.file, feature: "a group in \(field["content"].key)")
      }
      steps = [.replace(try TextPattern(field["pattern"]), Array(content.utf8))]
    case "Prepend": steps = [.prepend(Array(try field["prepend"].value(as: String.self).utf8))]
    case "Lowercase": steps = [.lowercase]
    case "StripAccents": steps = [.stripAccents]
    case "BertNormalizer": steps = [.bert(try BertNormalizer(field))]
    case let type:
      guard let form = UnicodeForm(rawValue: type) else {
        throw TokenizerError.unsupported(file: field.file, feature: "the \(field.key) \(type)")
      }
      steps = [.form(form)]
    }
  }

  private static func characterMap(_ field: JSONField) throws -> CharacterMap {
    guard let bytes = Data(base64Encoded: try field.value(as: String.self)) else {
      throw TokenizerError.invalid(file: field.file, problem: "\(field.key) is no base 64")
    }
    do {
      return try CharacterMap(bytes)
    } catch {
      throw TokenizerError.invalid(
        file: field.file, problem: "\(field.key) is no character map: \(error.problem)")
    }
  }

  /// Nil where nothing changes.
  ///
  /// - Parameter leading: as in ``NormalizedText``.
  func apply(_ text: UnsafeBufferPointer<UInt8>, leading: Int) -> NormalizedText? {
    var result: NormalizedText?
    for step in steps {
      let changed =
        if let result {
          result.bytes.withUnsafeBufferPointer { Self.apply(step, $0, result.leading) }
        } else { Self.apply(step, text, leading) }
      result = changed ?? result
    }
    return result
  }

  private static func apply(
    _ step: Step, _ text: UnsafeBufferPointer<UInt8>, _ leading: Int
  ) -> NormalizedText? {
    switch step {
    case .characterMap(let map, let isLongest):
      return isLongest ? map.applyLongest(text, leading: leading) : map.apply(text, leading: leading)
    case .form(let form): return text.allSatisfy { $0 < 0x80 } ? nil : mapped(text, leading, form.apply)
    case .strip(let left, let right):
      let start = left ? UTF8Bytes.spaceEnd(text, after: 0) : 0
      let end = right ? UTF8Bytes.spaceStart(text, before: text.count) : text.count
      guard start > 0 || end < text.count else { return nil }
      return NormalizedText(bytes: Array(text[start..<max(start, end)]), leading: max(0, leading - start))
    case .replace(let pattern, let content): return pattern.replaced(text, by: content, leading: leading)
    case .prepend(let prefix):
      guard !text.isEmpty else { return nil }
      return NormalizedText(bytes: prefix + text, leading: leading > 0 ? leading + prefix.count : 0)
    case .lowercase:
      return mapped(text, leading) { scalars in
        var lowercase: [UInt32] = []
        for scalar in scalars { Lowercase.append(scalar, to: &lowercase) }
        return lowercase
      }
    case .stripAccents:
      return mapped(text, leading) { scalars in scalars.filter { !CharacterClass.marks.contains($0) } }
    case .bert(let normalizer):
      return NormalizedText(bytes: normalizer.apply(text), leading: leading)
    }
  }

  /// What a function makes of the scalars of a text. What it makes of the leading ones alone is still leading.
  private static func mapped(
    _ text: UnsafeBufferPointer<UInt8>, _ leading: Int, _ function: ([UInt32]) -> [UInt32]
  ) -> NormalizedText {
    let start = UnsafeBufferPointer(rebasing: text[..<min(leading, text.count)])
    return NormalizedText(
      bytes: bytes(function(UTF8Bytes.scalars(text))),
      leading: bytes(function(UTF8Bytes.scalars(start))).count)
  }

  private static func bytes(_ scalars: [UInt32]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(scalars.count)
    for scalar in scalars { UTF8Bytes.append(scalar, to: &bytes) }
    return bytes
  }
}
