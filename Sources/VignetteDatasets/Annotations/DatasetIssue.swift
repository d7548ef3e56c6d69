/// Something odd in a data set that doesn't keep it from being used.
public enum DatasetIssue: String, Sendable, CaseIterable {
  case passedOverFile
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
    case .passedOverFile:
      ("metadata file beside another one (passed over)", "metadata files beside others (passed over)")
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
