import Foundation

public import VignetteFiles

/// Why a data set can't be used.
public enum DatasetError: PlainError, Equatable {
  case noFolder(String)
  case noAnnotations(DatasetKind, folder: String, expected: [String])
  case noSplit(DatasetSplit, DatasetKind, available: [DatasetSplit])
  /// Not one image of a split is left.
  case noImages(DatasetSplit, annotations: String, reason: String)
  /// An image is missing or unreadable, and bad images are not to be skipped.
  case badImage(path: String, reason: String)
  /// A file that would be overwritten isn't of a drawn data set.
  case otherDataset(path: String)
  case invalidOption(String)

  public var description: String {
    switch self {
    case .noFolder(let path):
      "\(path): there is no such folder"
    case .noAnnotations(let kind, let folder, let expected):
      "\(folder): \(kind.phrase) has \(expected.joined(separator: " or ")) here; found none"
    case .noSplit(let split, let kind, let available):
      "this \(kind.rawValue) data set has no \(split.rawValue) split, only "
        + available.map(\.rawValue).joined(separator: ", ")
    case .noImages(let split, let annotations, let reason):
      "\(annotations): nothing is left of the \(split.rawValue) split: \(reason)"
    case .badImage(let path, let reason):
      "\(path): \(reason); mend or remove it, or let bad images be skipped"
    case .otherDataset(let path):
      "\(path): this is another data set's and would be lost; give a folder of its own to draw into"
    case .invalidOption(let problem):
      problem
    }
  }
}
