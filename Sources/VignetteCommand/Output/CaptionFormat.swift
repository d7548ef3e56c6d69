import ArgumentParser
import Vignette
import VignetteCheckpoints
import VignetteFiles

/// How captions are printed.
enum CaptionFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case jsonl
  case csv

  /// The first line, if the format has one.
  var header: String? { self == .csv ? "file,caption,score" : nil }

  /// The line of a caption.
  ///
  /// - Parameter isOnly: whether no other image is captioned, so that its name needn't be printed.
  func line(_ caption: Caption, file: String, isOnly: Bool) -> String {
    switch self {
    case .text:
      let text = caption.text.split(whereSeparator: \.isNewline).joined(separator: " ")
      return isOnly ? text : "\(FileName.printed(file))\t\(text)"
    case .jsonl:
      let object: JSONValue = [
        "file": .string(file), "caption": .string(caption.text),
        "token_ids": .array(caption.tokenIDs.map { .int($0) }), "score": Self.json(caption.score),
      ]
      return TerminalText.escapedJSON(object.text(.plainLine))
    case .csv:
      return [FileName.printed(file), caption.text, caption.score.map { "\($0)" } ?? ""].map(Self.quoted)
        .joined(separator: ",")
    }
  }

  /// The shortest decimal that is this single-precision number.
  private static func json(_ score: Float?) -> JSONValue {
    score.flatMap { Double("\($0)") }.map { .double($0) } ?? .null
  }

  /// A field as RFC 4180 quotes it.
  private static func quoted(_ field: String) -> String {
    guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
    return "\"\(field.replacing("\"", with: "\"\""))\""
  }
}
