/// Something odd in a data set that doesn't keep it from being used.
public enum DatasetIssue: String, Sendable, CaseIterable {
  case captionOfUnknownImage
  case imageWithoutCaptions
  case emptyCaption
  case longCaption
  case repeatedImageID
  case repeatedCaptionID
  case repairedLine
  case missingImage
  case unreadableImage

  /// What happened, to be read after a number.
  public var summary: String {
    switch self {
    case .captionOfUnknownImage: "captions of images that the annotation doesn't list (dropped)"
    case .imageWithoutCaptions: "images without captions (dropped)"
    case .emptyCaption: "empty captions (dropped)"
    case .longCaption: "captions of more than \(CaptionDataset.longCaptionBytes) bytes (kept)"
    case .repeatedImageID: "images with the id of an earlier one (the earlier one counts)"
    case .repeatedCaptionID: "captions with the id of an earlier one (kept)"
    case .repairedLine: "malformed lines (mended)"
    case .missingImage: "missing image files (dropped with their captions)"
    case .unreadableImage: "unreadable images (dropped with their captions)"
    }
  }
}

/// How often each issue was met, with a few examples.
public struct DatasetIssues: Sendable, Equatable {
  /// How many examples of an issue are kept.
  public static let exampleLimit = 5

  public private(set) var counts: [DatasetIssue: Int] = [:]
  public private(set) var examples: [DatasetIssue: [String]] = [:]

  public init() {}

  public var isEmpty: Bool { counts.isEmpty }

  public subscript(issue: DatasetIssue) -> Int { counts[issue] ?? 0 }

  mutating func record(_ issue: DatasetIssue, _ example: @autoclosure () -> String) {
    counts[issue, default: 0] += 1
    if examples[issue, default: []].count < Self.exampleLimit {
      examples[issue, default: []].append(example())
    }
  }
}

extension DatasetIssues: CustomStringConvertible {
  /// All notes, in the order of the cases.
  public var description: String { notes.joined(separator: "\n") }

  /// For each issue that was met, how often, and some examples: a line, or several where it would be long.
  public var notes: [String] {
    DatasetIssue.allCases.filter { self[$0] > 0 }.map { issue in
      var examples = examples[issue] ?? []
      if self[issue] > examples.count { examples.append("and \(self[issue] - examples.count) more") }
      let line = "\(self[issue]) \(issue.summary): \(examples.joined(separator: ", "))"
      guard line.count > Self.longLine, examples.count > 1 else { return line }
      return (["\(self[issue]) \(issue.summary):"] + examples.map { "  \($0)" }).joined(separator: "\n")
    }
  }

  private static let longLine = 120
}
