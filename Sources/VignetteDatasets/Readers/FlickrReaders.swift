import Foundation
import VignetteFiles

/// Flickr8k: the original `Flickr8k.token.txt` with the split lists `Flickr_8k.trainImages.txt` and its like, or
/// the widespread `captions.txt`, a CSV file that comes without splits.
struct Flickr8kReader: AnnotationReader {
  private let annotations: URL
  private let lists: [DatasetSplit: URL]
  private let imageFolder: String

  private static let imageFolders = [
    "Images", "images", "Flicker8k_Dataset", "Flickr8k_Dataset", "Flickr8k_Dataset/Flicker8k_Dataset", "",
  ]
  private static let listNames: [DatasetSplit: String] = [
    .train: "Flickr_8k.trainImages.txt", .validation: "Flickr_8k.devImages.txt",
    .test: "Flickr_8k.testImages.txt",
  ]

  init(_ folder: DatasetFolder) throws {
    annotations = try folder.annotationFile(
      ["Flickr8k_text/Flickr8k.token.txt", "Flickr8k.token.txt", "captions.txt"], of: .flickr8k)
    lists = Self.listNames.compactMapValues { folder.file(["Flickr8k_text/\($0)", $0]) }
    imageFolder = folder.imageFolder(Self.imageFolders)
  }

  var splits: Set<DatasetSplit> { lists.isEmpty ? [.train] : Set(lists.keys) }

  func read(_ split: DatasetSplit) throws -> AnnotationTable {
    let table = try table()
    guard let list = lists[split] else { return table }
    // What was trained on is no measure.
    let earlier = Set(
      try DatasetSplit.allCases.prefix { $0 != split }.compactMap { lists[$0] }.flatMap(TextLines.all)
        .map(ExactString.init))
    let names = try TextLines.all(in: list)
    var kept = table.keeping(names.filter { !earlier.contains(ExactString($0)) })
    for name in names where earlier.contains(ExactString(name)) {
      kept.issues.record(.imageOfEarlierSplit, name)
    }
    return kept
  }

  private func table() throws -> AnnotationTable {
    annotations.lastPathComponent.hasSuffix(".token.txt")
      ? try CaptionTokens.read(annotations, imageFolder: imageFolder) : try csv()
  }

  private func csv() throws -> AnnotationTable {
    var builder = AnnotationTable.Builder(path: annotations.path, imageFolder: imageFolder)
    var isHeader = true
    try CSVRecords.forEach(in: annotations) { record in
      let (fields, line) = (record.fields, record.line)
      if isHeader {
        isHeader = false
        if fields == ["image", "caption"] { return }
      }
      guard record.fieldCount == 2 else {
        throw DatasetError.annotation(
          annotations.path, line: line,
          "expected an image and a caption, found \(record.fieldCount) fields; a caption with commas is quoted"
        )
      }
      try builder.add(fields[1], to: fields[0], line: line)
    }
    return builder.table
  }
}

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
      let fields = line.utf8.split(
        separator: UInt8(ascii: "|"), maxSplits: 2, omittingEmptySubsequences: false
      )
      .map { Substring($0) }
      guard fields.count >= 2, let caption = fields.count == 3 ? fields[2] : Self.unseparated(fields[1])
      else {
        throw DatasetError.annotation(
          annotations.path, line: number, "expected image| number| caption")
      }
      if fields.count == 2 { builder.record(.repairedLine, "line \(number)") }
      // The space after a separator belongs to it.
      try builder.add(
        String(caption.drop { $0 == " " }), to: fields[0].trimmed(.whitespaces), line: number)
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

/// The caption files of Flickr8k and Flickr30k: a line `1000268201_693b08cb0e.jpg#0<tab>A child in …` a caption.
enum CaptionTokens {
  static func read(_ url: URL, imageFolder: String) throws -> AnnotationTable {
    var builder = AnnotationTable.Builder(path: url.path, imageFolder: imageFolder)
    try TextLines.forEach(in: url) { line, number in
      guard let tab = line.utf8.firstIndex(of: UInt8(ascii: "\t")),
        let hash = line.utf8[..<tab].lastIndex(of: UInt8(ascii: "#"))
      else {
        throw DatasetError.annotation(
          url.path, line: number, "expected name#number, a tab and a caption")
      }
      var name = line[..<hash]
      // Flickr8k's own file has a photo "2258277193_586949ec62.jpg.1"; the photo's file ends in .jpg.
      if name.hasSuffix(".jpg.1") {
        name = name.dropLast(2)
        builder.record(.repairedLine, "line \(number)")
      }
      try builder.add(String(line[line.utf8.index(after: tab)...]), to: String(name), line: number)
    }
    return builder.table
  }
}
