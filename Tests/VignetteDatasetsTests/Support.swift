import VignetteDatasets
import Foundation
import VignetteTestSupport

extension TemporaryFolder {
  /// Writes text.
  @discardableResult
  func write(_ text: String, to name: String) throws -> URL { try write(Data(text.utf8), to: name) }

  /// Writes files that only have to be there.
  func touch(_ names: String...) throws { for name in names { try write(Data(), to: name) } }

  /// Reads a split of the data set in the folder.
  func dataset(
    _ kind: DatasetKind, _ split: DatasetSplit = .train,
    _ change: (inout DatasetOptions) -> Void = { _ in }
  ) throws -> CaptionDataset {
    var options = DatasetOptions(kind: kind, folder: url, split: split)
    change(&options)
    return try CaptionDataset(options)
  }
}

extension CaptionDataset {
  /// File names with their captions, in the order of the rows.
  var pairs: [[String]] { rows.map { [$0.fileName, $0.caption ?? "-"] } }
}

/// The description of what `body` throws.
func message(_ body: () throws -> some Any) -> String {
  do {
    _ = try body()
    return "nothing was thrown"
  } catch {
    return "\(error)"
  }
}
