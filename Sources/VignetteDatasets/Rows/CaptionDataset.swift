/// A split of a caption data set: images with their captions, in an order that is always the same.
public struct CaptionDataset: Sendable {
  /// Captions longer than this are kept, and counted as an oddity; tokenisation cuts them.
  public static let longCaptionBytes = 1024

  /// The place of a row: an image, and one of its captions.
  struct RowPlace {
    let image: Int32
    /// Below zero for an image without captions.
    let caption: Int32
  }

  public let kind: DatasetKind
  public let split: DatasetSplit
  /// The annotation file.
  public let annotations: String
  /// In the order of the annotation's images.
  public let images: [CaptionedImage]
  /// The rows in the order of the annotation's captions.
  let rowPlaces: [RowPlace]
  /// What was odd in the annotation.
  public let issues: DatasetIssues
  /// The images whose files are missing.
  public let skipped: [SkippedImage]
  /// The share of all images that was cut off for validation, where the data set has no such split of its own.
  public let validationFraction: Double?

  init(
    kind: DatasetKind, split: DatasetSplit, annotations: String, images: [CaptionedImage],
    rowPlaces: [RowPlace], issues: DatasetIssues, skipped: [SkippedImage], validationFraction: Double? = nil
  ) {
    self.kind = kind
    self.split = split
    self.annotations = annotations
    self.images = images
    self.rowPlaces = rowPlaces
    self.issues = issues
    self.skipped = skipped
    self.validationFraction = validationFraction
  }

  /// A data set made in memory, whose rows go image by image.
  ///
  /// Nothing is checked, and nothing dropped but images without captions, where others have some.
  public init(images: [CaptionedImage], kind: DatasetKind = .imagefolder, split: DatasetSplit = .train) {
    let hasCaptions = images.contains { !$0.captions.isEmpty }
    let images = hasCaptions ? images.filter { !$0.captions.isEmpty } : images
    let rows = images.enumerated().flatMap { image, captioned in
      let captions = captioned.captions.isEmpty ? -1..<0 : 0..<captioned.captions.count
      return captions.map { RowPlace(image: Int32(image), caption: Int32($0)) }
    }
    self.init(
      kind: kind, split: split, annotations: "", images: images, rowPlaces: rows, issues: DatasetIssues(),
      skipped: [])
  }

  /// The number of captions.
  public var captionCount: Int { hasCaptions ? rowPlaces.count : 0 }

  /// False for a test set whose captions aren't published; it has a row for each image.
  public var hasCaptions: Bool { rowPlaces.first.map { $0.caption >= 0 } ?? true }

  /// One row for each caption, in the order of the annotation file.
  public var rows: Rows { Rows(dataset: self) }

  public struct Rows: RandomAccessCollection, Sendable {
    let dataset: CaptionDataset

    public var startIndex: Int { 0 }
    public var endIndex: Int { dataset.rowPlaces.count }

    public subscript(position: Int) -> CaptionRow {
      let place = dataset.rowPlaces[position]
      let image = dataset.images[Int(place.image)]
      return CaptionRow(image, place.caption < 0 ? nil : image.captions[Int(place.caption)])
    }
  }
}
