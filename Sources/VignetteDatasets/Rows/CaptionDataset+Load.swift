import Foundation

extension CaptionDataset {
  /// Reads a split.
  ///
  /// No image is opened; whether the files exist is seen by listing their folders.
  ///
  /// - Throws: `AnnotationError` or another readable error for an annotation file that can't be read, `SystemError` for
  ///   a folder of images that can't be listed, `DatasetError` for everything else.
  public init(_ options: DatasetOptions) throws {
    try options.validate()
    let folder = try DatasetFolder(options.folder, annotations: options.annotations)
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
      throw AnnotationError(
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
