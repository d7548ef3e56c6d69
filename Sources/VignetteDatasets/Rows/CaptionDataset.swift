import Foundation
public import VignetteFiles

/// A split of a caption data set: images with their captions, in an order that is always the same.
public struct CaptionDataset: Sendable {
  /// Captions longer than this are kept, and counted as an oddity; tokenisation cuts them.
  public static let longCaptionBytes = 1024

  /// What a row is of: an image, and one of its captions.
  struct RowIndices {
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
  let rowIndices: [RowIndices]
  /// What was odd in the annotation.
  public let issues: DatasetIssues
  /// The images whose files are missing.
  public let skipped: [SkippedImage]
  /// The share of all images that was cut off for validation, where the data set has no such split of its own.
  public let validationFraction: Double?

  init(
    kind: DatasetKind, split: DatasetSplit, annotations: String, images: [CaptionedImage],
    rowIndices: [RowIndices], issues: DatasetIssues, skipped: [SkippedImage],
    validationFraction: Double? = nil
  ) {
    self.kind = kind
    self.split = split
    self.annotations = annotations
    self.images = images
    self.rowIndices = rowIndices
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
      return captions.map { RowIndices(image: Int32(image), caption: Int32($0)) }
    }
    self.init(
      kind: kind, split: split, annotations: "", images: images, rowIndices: rows, issues: DatasetIssues(),
      skipped: [])
  }

  /// The number of captions.
  public var captionCount: Int { hasCaptions ? rowIndices.count : 0 }

  /// False for a test set whose captions aren't published; it has a row for each image.
  public var hasCaptions: Bool { rowIndices.first.map { $0.caption >= 0 } ?? true }

  /// One row for each caption, in the order of the annotation file.
  public var rows: Rows { Rows(dataset: self) }

  public struct Rows: RandomAccessCollection, Sendable {
    let dataset: CaptionDataset

    public var startIndex: Int { 0 }
    public var endIndex: Int { dataset.rowIndices.count }

    public subscript(position: Int) -> CaptionRow {
      let row = dataset.rowIndices[position]
      let image = dataset.images[Int(row.image)]
      return CaptionRow(image, row.caption < 0 ? nil : image.captions[Int(row.caption)])
    }
  }
}

extension CaptionDataset {
  /// Reads a split.
  ///
  /// No image is opened; whether the files exist is seen by listing their folders.
  ///
  /// - Throws: `DatasetError` or another readable error for an annotation file that can't be read, `SystemError` for
  ///   a folder of images that can't be listed, `DatasetError` for everything else.
  public init(_ options: DatasetOptions) throws {
    try options.validate()
    let folder = try DatasetFolder(
      options.folder, annotations: options.annotations, needsFileNames: options.missingImages != .ignore)
    let reader = try options.kind.reader(folder)
    let isCut =
      !reader.splits.contains(.validation) && options.split != .test && options.validationFraction > 0
    let ownSplit = isCut ? .train : options.split
    guard reader.splits.contains(ownSplit) else {
      let available = DatasetSplit.allCases.filter(reader.splits.contains)
      throw DatasetError.noSplit(options.split, options.kind, available: available)
    }
    let table = try reader.read(ownSplit)
    guard table.hasCaptions || options.split == .test else {
      throw DatasetError.annotation(
        table.path, .key("annotations"), "there is none; a \(options.split) split has captions")
    }

    var selection = ImageSelection(table, keepsEmptyCaptions: options.keepsEmptyCaptions)
    if options.missingImages != .ignore { try selection.lookForFiles() }
    if isCut {
      selection.cut(options.split, fraction: options.validationFraction, seed: options.validationSeed)
    }
    try selection.dropMissing(orFail: options.missingImages == .fail)
    self = try selection.dataset(options, validationFraction: isCut ? options.validationFraction : nil)
  }
}

/// One caption with its image, in the fields of the usual COCO loader for Hugging Face Datasets.
public struct CaptionRow: Sendable, Equatable {
  public let imageID: ImageID
  /// Absent in a test set without captions.
  public let captionID: Int?
  /// The caption exactly as annotated. Absent in a test set without captions.
  public let caption: String?
  public let height: Int?
  public let width: Int?
  public let fileName: String
  public let cocoURL: String?
  public let imagePath: String

  init(_ image: CaptionedImage, _ caption: ReferenceCaption?) {
    imageID = image.id
    captionID = caption?.id
    self.caption = caption?.text
    height = image.height
    width = image.width
    fileName = image.fileName
    cocoURL = image.cocoURL
    imagePath = image.path
  }

  /// The row as a JSON object with the loader's field names, without the fields that it lacks.
  public var json: JSONValue {
    let fields: [(String, JSONValue?)] = [
      ("image_id", imageID.json), ("caption_id", captionID.map(JSONValue.int)),
      ("caption", caption.map(JSONValue.string)), ("height", height.map(JSONValue.int)),
      ("width", width.map(JSONValue.int)), ("file_name", .string(fileName)),
      ("coco_url", cocoURL.map(JSONValue.string)), ("image_path", .string(imagePath)),
    ]
    return .object(JSONObject(fields.compactMap { name, value in value.map { (name, $0) } }))
  }
}
