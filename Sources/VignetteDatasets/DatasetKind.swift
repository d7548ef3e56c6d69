public import Foundation
import VignetteFiles

/// The forms in which caption data sets are found.
public enum DatasetKind: String, Sendable, CaseIterable {
  /// COCO captions of 2017 or 2014, as the official zips unpack.
  case coco
  /// Flickr8k: `Flickr8k.token.txt` with its split lists, or `captions.txt`.
  case flickr8k
  /// Flickr30k: `results_20130124.token`, or `results.csv`.
  case flickr30k
  /// Karpathy's split of COCO, Flickr8k or Flickr30k: `dataset_coco.json` and its like.
  case karpathy
  /// A folder of one's own, with `metadata.jsonl` or `metadata.csv`.
  case imagefolder
}

extension DatasetKind {
  /// A data set of this form, with its article.
  var phrase: String { "\(self == .imagefolder ? "an" : "a") \(rawValue) data set" }

  func reader(_ folder: DatasetFolder) throws -> any AnnotationReader {
    switch self {
    case .coco: try COCOReader(folder)
    case .flickr8k: try Flickr8kReader(folder)
    case .flickr30k: try Flickr30kReader(folder)
    case .karpathy: try KarpathyReader(folder)
    case .imagefolder: try ImageFolderReader(folder)
    }
  }
}

extension DatasetKind {
  /// The kind of data set that an annotation file belongs to, by its name and its first bytes; nil for another text.
  ///
  /// - Throws: `SystemError` if it can't be read.
  public init?(annotationFile url: URL) throws {
    let file = try MappedFile(at: url)
    let start = file.withUnsafeBytes(0..<min(file.count, 4096)) { String(decoding: $0, as: UTF8.self) }
    switch (url.lastPathComponent, url.pathExtension) {
    case ("metadata.jsonl", _), ("metadata.csv", _): self = .imagefolder
    // The sentences of an image come with it; in COCO's files, captions have a list of their own.
    case (_, "json"):
      self = start.contains("\"sentids\"") || start.contains("\"sentences\"") ? .karpathy : .coco
    case (_, "csv") where start.hasPrefix("image_name"): self = .flickr30k
    case (_, "token"): self = .flickr30k
    case (let name, _) where name.hasSuffix(".token.txt"): self = .flickr8k
    case _ where start.hasPrefix("image,caption"): self = .flickr8k
    default: return nil
    }
  }
}

/// Reads one form of data set.
protocol AnnotationReader {
  /// The splits that the data set has of its own.
  var splits: Set<DatasetSplit> { get }
  /// Reads one of `splits`.
  func read(_ split: DatasetSplit) throws -> AnnotationTable
}
