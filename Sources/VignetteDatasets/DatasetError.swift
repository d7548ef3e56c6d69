import Foundation
public import VignetteFiles

/// Why a data set can't be used, fetched or drawn.
public enum DatasetError: PlainError, Equatable {
  case noFolder(String)
  case noAnnotations(DatasetKind, folder: String, expected: [String], zips: [String] = [])
  case noSplit(DatasetSplit, DatasetKind, available: [DatasetSplit])
  /// Not one image of a split is left.
  case noImages(DatasetSplit, annotations: String, reason: String)
  /// Something in an annotation file can't be read.
  case badAnnotation(path: String, Position, problem: String)
  /// An image is missing or unreadable, and bad images are not to be skipped.
  case badImage(path: String, reason: String)
  /// A file that would be overwritten isn't of a drawn data set.
  case otherDataset(path: String)
  /// A zip file can't be unpacked, or must not be; the entry's name, where it is about one.
  case badZip(path: String, entry: String?, problem: String)
  case unknownPart(String, available: [String])
  /// Sizes are in bytes.
  case noSpace(folder: String, needed: Int, available: Int)

  /// Where in a file.
  public enum Position: Sendable, Equatable {
    /// Counted from one; the column in Unicode scalars.
    case line(Int, column: Int?)
    /// A dotted path: `annotations[17].caption`.
    case key(String)
    case wholeFile
  }

  public var description: String {
    switch self {
    case .noFolder(let path):
      "\(path): there is no such folder"
    case .noAnnotations(let kind, let folder, let expected, let zips):
      "\(folder): \(kind.phrase) has \(expected.joined(separator: " or ")) here; "
        + (zips.isEmpty ? "found none" : Self.unpacking(zips))
    case .noSplit(let split, let kind, let available):
      "this \(kind.rawValue) data set has no \(split.rawValue) split, only "
        + available.map(\.rawValue).joined(separator: ", ")
    case .noImages(let split, let annotations, let reason):
      "\(annotations): nothing is left of the \(split.rawValue) split: \(reason)"
    case .badAnnotation(let path, .line(let line, let column?), let problem):
      "\(path):\(line):\(column): \(problem)"
    case .badAnnotation(let path, .line(let line, nil), let problem): "\(path):\(line): \(problem)"
    case .badAnnotation(let path, .key(let key), let problem): "\(path): \(key): \(problem)"
    case .badAnnotation(let path, .wholeFile, let problem): "\(path): \(problem)"
    case .badImage(let path, let reason):
      "\(Excerpt(path: path)): \(reason); mend or remove it, or let bad images be skipped"
    case .otherDataset(let path):
      "\(path): this is another data set's and would be lost; give a folder of its own to draw into"
    case .badZip(let path, let entry, let problem): "\(path): \(entry.map { "\($0): " } ?? "")\(problem)"
    case .unknownPart(let name, let available):
      "no part is called \(name); there are: \(available.joined(separator: ", "))"
    case .noSpace(let folder, let needed, let available):
      "\(folder): about \(ByteCount(needed)) of free disk space are needed, but only \(ByteCount(available)) are there"
    }
  }

  private static func unpacking(_ zips: [String]) -> String {
    let names = zips.prefix(5).joined(separator: ", ") + (zips.count > 5 ? ", …" : "")
    return "found only zip files (\(names)); unpack them there: `unzip \(zips.first ?? "")`"
      + (zips.count > 1 ? " and so on" : "")
  }
}

extension DatasetError {
  static func annotation(_ path: String, _ position: Position = .wholeFile, _ problem: String) -> Self {
    .badAnnotation(path: path, position, problem: problem)
  }

  /// A fault of a line, counted from one.
  static func annotation(_ path: String, line: Int, _ problem: String) -> Self {
    .badAnnotation(path: path, .line(line, column: nil), problem: problem)
  }

  /// A fault found in `bytes`, the contents of the file at `path`.
  static func annotation(_ path: String, bytes: UnsafeRawBufferPointer, fault: JSONFault) -> Self {
    if fault.isMismatch && !fault.path.isEmpty {
      return .annotation(path, .key(fault.path), fault.problem)
    }
    let (line, column) = fault.lineAndColumn(in: bytes)
    return .annotation(
      path, .line(line, column: column),
      fault.isMismatch ? fault.problem : "this is not JSON: \(fault.problem)")
  }

  static func zip(_ path: String, entry: String? = nil, _ problem: String) -> Self {
    .badZip(path: path, entry: entry, problem: problem)
  }
}
