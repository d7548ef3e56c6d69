import Foundation
import VignetteFiles
import VignetteImages

/// What there is to know about a data set before a run.
public struct DatasetInspection: Sendable, CustomStringConvertible {
  /// Lengths, in words or captions.
  public struct Lengths: Sendable, Equatable {
    public let shortest: Int
    public let median: Int
    public let mean: Double
    /// At most this long are 95 of 100.
    public let percentile95: Int
    public let longest: Int

    /// Nil for no lengths at all.
    init?(_ lengths: [Int]) {
      let sorted = lengths.sorted()
      guard let first = sorted.first, let last = sorted.last else { return nil }
      shortest = first
      longest = last
      median = sorted[sorted.count / 2]
      percentile95 = sorted[min(sorted.count * 95 / 100, sorted.count - 1)]
      mean = Double(sorted.reduce(0, +)) / Double(sorted.count)
    }
  }

  public let kind: DatasetKind
  public let split: DatasetSplit
  public let annotations: String
  /// The images with captions that the annotation lists for the split; in a test set without captions, all images.
  public let imageCount: Int
  /// The captions of these images.
  public let captionCount: Int
  /// The images that are there and, if the images were opened, can be read.
  public let usableImageCount: Int
  /// The captions of these images.
  public let usableCaptionCount: Int
  public let firstRow: CaptionRow?
  public let captionsPerImage: Lengths?
  /// In words, as white space parts them.
  public let captionWords: Lengths?
  public let issues: DatasetIssues
  /// Missing images, and those that couldn't be read.
  public let skipped: [SkippedImage]
  /// The share of all images that was cut off for validation, where the data set has no such split of its own.
  public let validationFraction: Double?
  /// Whether the images were opened.
  public let hasCheckedImages: Bool
  private let hasCaptions: Bool

  /// Of a longer caption, the first row has so many characters.
  private static let longCaption = 200

  /// Decodes the image at a path, and throws if that can't be done.
  public static let decode: @Sendable (_ path: String) throws -> Void = {
    _ = try ImageDecoder.decode(contentsOf: URL(fileURLWithPath: $0))
  }

  /// Looks through `dataset`.
  ///
  /// - Parameters:
  ///   - workers: How many threads open images.
  ///   - check: Opens the image at a path and throws if it can't be used, as ``decode`` does; nil leaves the
  ///     images unopened.
  ///   - checked: Is called after each image that was opened, with what is wrong with it; what it throws ends the
  ///     inspection.
  public init(
    _ dataset: CaptionDataset, workers: Int = 2, check: (@Sendable (_ path: String) throws -> Void)? = nil,
    checked: (SkippedImage?) throws -> Void = { _ in }
  ) throws {
    kind = dataset.kind
    split = dataset.split
    annotations = dataset.annotations
    firstRow = dataset.rows.first
    hasCaptions = dataset.hasCaptions
    captionsPerImage = dataset.hasCaptions ? Lengths(dataset.images.map(\.captions.count)) : nil
    captionWords = Lengths(
      dataset.images.flatMap { $0.captions.map { $0.text.split(whereSeparator: \.isWhitespace).count } })
    hasCheckedImages = check != nil
    let queue = check.map { check in
      PrefetchQueue(dataset.images, workers: workers, capacity: 2 * max(workers, 1)) { try check($0.path) }
    }
    var unreadable: [SkippedImage] = []
    if let queue { unreadable = try Self.unreadable(dataset.images, queue, checked) }
    var issues = dataset.issues
    for image in unreadable { issues.record(.unreadableImage, "\(image.file) (\(image.reason))") }
    self.issues = issues
    skipped = dataset.skipped + unreadable
    usableImageCount = dataset.images.count - unreadable.count
    usableCaptionCount = dataset.captionCount - Self.captions(of: unreadable)
    imageCount = dataset.images.count + dataset.skipped.count
    captionCount = dataset.captionCount + Self.captions(of: dataset.skipped)
    validationFraction = dataset.validationFraction
  }

  private static func captions(of images: [SkippedImage]) -> Int { images.reduce(0) { $0 + $1.captions } }

  private static func unreadable(
    _ images: [CaptionedImage], _ queue: PrefetchQueue<CaptionedImage, Void>,
    _ checked: (SkippedImage?) throws -> Void
  ) rethrows -> [SkippedImage] {
    var unreadable: [SkippedImage] = []
    for image in images {
      var problem: SkippedImage?
      if case .failure(let error) = queue.next() { problem = SkippedImage(image, because: error) }
      try checked(problem)
      if let problem { unreadable.append(problem) }
    }
    return unreadable
  }

  public var description: String {
    var lines = [
      "\(kind.rawValue), \(split.rawValue) split of \(annotations)\(cut)",
      "\(amount(imageCount, captionCount)) in the annotation; "
        + "\(amount(usableImageCount, usableCaptionCount)) can be used",
    ]
    if let captionsPerImage { lines.append("captions per image: \(captionsPerImage)") }
    if let captionWords { lines.append("words per caption: \(captionWords)") }
    if let firstRow { lines.append("first row: \(Self.json(firstRow).text(.oneLine))") }
    if !issues.isEmpty { lines.append(issues.description) }
    let seen = hasCheckedImages ? "missing or unreadable" : "missing (the images weren't opened)"
    lines.append("\(Quantity(skipped.count, "image")) \(seen)")
    return lines.joined(separator: "\n")
  }

  private func amount(_ images: Int, _ captions: Int) -> String {
    let images = Quantity(images, "image")
    return hasCaptions ? "\(images) with \(Quantity(captions, "caption"))" : "\(images)"
  }

  /// The row, with no more of its caption than a look takes.
  private static func json(_ row: CaptionRow) -> JSONValue {
    guard let caption = row.caption?.unicodeScalars, caption.count > longCaption,
      case .object(var fields) = row.json
    else { return row.json }
    fields["caption"] = .string("\(String(caption.prefix(longCaption)))... (\(caption.count) characters)")
    return .object(fields)
  }

  private var cut: String {
    guard let validationFraction else { return "" }
    let share = String(format: "%g%%", 100 * validationFraction)
    return split == .validation
      ? " (no split of its own: \(share) of the images)" : " (without \(share) of the images, for validation)"
  }
}

extension DatasetInspection.Lengths: CustomStringConvertible {
  public var description: String {
    "\(shortest) to \(longest), mean \(String(format: "%.1f", mean)), median \(median), "
      + "95% at most \(percentile95)"
  }
}
