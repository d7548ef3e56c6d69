import ArgumentParser
import Foundation
import Vignette
import VignetteCheckpoints
import VignetteFiles
import VignetteLibrary

/// How captions are written.
enum CaptionFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case jsonl
  case csv
  case metadata
  case coco
  case kohya
  case webdataset

  /// Whether it has a line or a row for each caption, which can be printed as they come.
  var isOfLines: Bool { self == .text || self == .jsonl || self == .csv }

  /// The first line, if the format has one.
  var header: String? { self == .csv ? "file,caption,score" : nil }

  /// The line of a caption.
  ///
  /// - Parameter isOnly: whether no other image is captioned, so that its name needn't be printed.
  func line(_ caption: Caption, file: String, isOnly: Bool) -> String {
    switch self {
    case .csv:
      return [FileName.printed(file), caption.text, caption.score.map { "\($0)" } ?? ""].map(CSVField.quoted)
        .joined(separator: ",")
    case .jsonl:
      let object: JSONValue = [
        "file": .string(file), "caption": .string(caption.text),
        "token_ids": .array(caption.tokenIDs.map { .int($0) }), "score": Self.json(caption.score),
      ]
      return TerminalText.escapedJSON(object.text(.plainLine))
    default:
      let text = caption.text.split(whereSeparator: \.isNewline).joined(separator: " ")
      return isOnly ? text : "\(FileName.printed(file))\t\(text)"
    }
  }

  /// The shortest decimal that is this single-precision number.
  private static func json(_ score: Float?) -> JSONValue {
    score.flatMap { Double("\($0)") }.map { .double($0) } ?? .null
  }

  /// Rows that are printed as they come.
  var rows: any RowFormat {
    switch self {
    case .jsonl: JSONLinesFormat()
    case .csv: CSVFormat()
    default: TextFormat()
    }
  }

  /// What writes a job's records to a file.
  ///
  /// - Throws: `ValidationError` for a format that no file has.
  func sink(at url: URL, maximumShardSize: Int) throws -> any CaptionSink {
    switch self {
    case .text:
      throw ValidationError(
        "--format text is for standard output; files are jsonl, csv, metadata, coco, kohya or webdataset")
    case .jsonl: return RowFile(at: url, format: JSONLinesFormat())
    case .csv: return RowFile(at: url, format: CSVFormat())
    case .metadata: return RowFile(at: url, format: MetadataFormat(file: url))
    case .coco: return DocumentFile(at: url, format: COCOResultsFormat())
    case .kohya: return DocumentFile(at: url, format: KohyaFormat())
    case .webdataset: return WebDatasetFile(at: url, maximumSize: maximumShardSize)
    }
  }
}
