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
