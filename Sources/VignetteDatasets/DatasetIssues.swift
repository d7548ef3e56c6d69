import VignetteFiles

/// Something odd in a data set that doesn't keep it from being used.
public enum DatasetIssue: String, Sendable, CaseIterable {
  case ignoredFile
  case unknownSplit
  case imageOfEarlierSplit
  case captionOfUnknownImage
  case imageWithoutCaptions
  case emptyCaption
  case longCaption
  case repeatedImageID
  case repeatedCaptionID
  case repairedLine
  case missingImage
  case unreadableImage

  /// How often it was met, and what came of it: `2 empty captions (dropped)`.
  public func summary(of count: Int) -> String {
    let (one, many) = words
    return Quantity(count, one, many).description
  }

  /// What is said of one, and of several.
  private var words: (one: String, many: String) {
    let limit = CaptionDataset.longCaptionBytes
    return switch self {
    case .ignoredFile:
      ("metadata file beside another one (ignored)", "metadata files beside others (ignored)")
    case .unknownSplit:
      (
        "row of a split other than train, validation and test (left out)",
        "rows of splits other than train, validation and test (left out)"
      )
    case .imageOfEarlierSplit:
      (
        "image that an earlier split lists too (left out of this one)",
        "images that an earlier split lists too (left out of this one)"
      )
    case .captionOfUnknownImage:
      (
        "caption of an image that the annotation doesn't list (dropped)",
        "captions of images that the annotation doesn't list (dropped)"
      )
    case .imageWithoutCaptions: ("image without captions (dropped)", "images without captions (dropped)")
    case .emptyCaption: ("empty caption (dropped)", "empty captions (dropped)")
    case .longCaption:
      ("caption of more than \(limit) bytes (kept)", "captions of more than \(limit) bytes (kept)")
    case .repeatedImageID:
      (
        "image with the id of an earlier one (the earlier one counts)",
        "images with the id of an earlier one (the earlier one counts)"
      )
    case .repeatedCaptionID:
      ("caption with the id of an earlier one (kept)", "captions with the id of an earlier one (kept)")
    case .repairedLine: ("malformed line (mended)", "malformed lines (mended)")
    case .missingImage:
      ("missing image file (dropped with its captions)", "missing image files (dropped with their captions)")
    case .unreadableImage:
      ("unreadable image (dropped with its captions)", "unreadable images (dropped with their captions)")
    }
  }
}

/// How often each issue was met, with a few examples.
public struct DatasetIssues: Sendable, Equatable {
  /// How many examples of an issue are kept.
  public static let exampleLimit = 5

  private struct Example: Sendable, Equatable, CustomStringConvertible {
    let text: String
    var count: Int

    var description: String { count == 1 ? text : "\(text) (\(count) times)" }
  }

  public private(set) var counts: [DatasetIssue: Int] = [:]
  private var kept: [DatasetIssue: [Example]] = [:]

  public init() {}

  public var isEmpty: Bool { counts.isEmpty }

  /// The first few different examples of each issue.
  public var examples: [DatasetIssue: [String]] { kept.mapValues { $0.map(\.text) } }

  public subscript(issue: DatasetIssue) -> Int { counts[issue] ?? 0 }

  mutating func record(_ issue: DatasetIssue, _ example: String, count: Int = 1) {
    counts[issue, default: 0] += count
    let example = "\(Excerpt(example))"
    var examples = kept[issue] ?? []
    if let known = examples.firstIndex(where: { $0.text == example }) {
      examples[known].count += count
    } else if examples.count < Self.exampleLimit {
      examples.append(Example(text: example, count: count))
    } else {
      return
    }
    kept[issue] = examples
  }

  /// Counts what was met elsewhere too.
  mutating func add(_ other: DatasetIssues) {
    for (issue, count) in other.counts {
      let examples = other.kept[issue] ?? []
      for example in examples { record(issue, example.text, count: example.count) }
      counts[issue, default: 0] += count - Self.total(examples)
    }
  }

  private static func total(_ examples: [Example]) -> Int { examples.reduce(0) { $0 + $1.count } }
}

extension DatasetIssues: CustomStringConvertible {
  /// All notes, in the order of the cases.
  public var description: String { notes.joined(separator: "\n") }

  /// For each issue that was met, how often, and some examples: a line, or several where it would be long.
  public var notes: [String] {
    DatasetIssue.allCases.filter { self[$0] > 0 }.map { issue in
      let known = kept[issue] ?? []
      let others = self[issue] - Self.total(known)
      let examples = known.map(\.description) + (others > 0 ? ["and \(others) more"] : [])
      let summary = issue.summary(of: self[issue])
      let line = "\(summary): \(examples.joined(separator: ", "))"
      guard line.count > Self.longLine, examples.count > 1 else { return line }
      return (["\(summary):"] + examples.map { "  \($0)" }).joined(separator: "\n")
    }
  }

  private static let longLine = 120
}
