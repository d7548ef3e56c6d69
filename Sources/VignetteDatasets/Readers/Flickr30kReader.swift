import Foundation

/// Flickr30k: the original `results_20130124.token`, or the widespread `results.csv`, whose fields stand between
/// `|`. Neither comes with splits; Karpathy's file has them.
struct Flickr30kReader: AnnotationReader {
  private let annotations: URL
  private let imageFolder: String

  private static let imageFolders = [
    "flickr30k-images", "flickr30k_images/flickr30k_images", "flickr30k_images", "Images", "images", "",
  ]

  init(_ folder: DatasetFolder) throws {
    annotations = try folder.annotationFile(
      ["results_20130124.token", "results.csv", "flickr30k_images/results.csv"], of: .flickr30k)
    imageFolder = folder.imageFolder(Self.imageFolders)
  }

  var splits: Set<DatasetSplit> { [.train] }

  func read(_ split: DatasetSplit) throws -> AnnotationTable {
    annotations.pathExtension == "csv"
      ? try results() : try CaptionTokens.read(annotations, imageFolder: imageFolder)
  }

  /// Lines of `name.jpg| 0| Two young guys …` after a header.
  private func results() throws -> AnnotationTable {
    var builder = AnnotationTable.Builder(path: annotations.path, imageFolder: imageFolder)
    try TextLines.forEach(in: annotations) { line, number in
      if number == 1, line.hasPrefix("image_name") { return }
      let fields = line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count >= 2, let caption = fields.count == 3 ? fields[2] : Self.unseparated(fields[1])
      else {
        throw AnnotationError(
          annotations.path, .line(number, column: nil), "expected image| number| caption")
      }
      if fields.count == 2 { builder.record(.repairedLine, "line \(number)") }
      // The space after a separator belongs to it.
      try builder.add(
        String(caption.drop { $0 == " " }), to: fields[0].trimmingCharacters(in: .whitespaces), line: number)
    }
    return builder.table
  }

  // One line of the file as it is handed on lacks its second separator: "2199200615.jpg| 4   A dog runs …".
  private static func unseparated(_ field: Substring) -> Substring? {
    let number = field.drop { $0 == " " }
    let rest = number.drop { $0.isASCII && $0.isNumber }
    return rest.startIndex > number.startIndex && rest.first == " " ? rest : nil
  }
}
