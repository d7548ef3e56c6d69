import Foundation

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
      try DatasetSplit.allCases.prefix { $0 != split }.compactMap { lists[$0] }.flatMap(TextLines.all))
    let names = try TextLines.all(in: list)
    var kept = table.keeping(names.filter { !earlier.contains($0) })
    for name in names where earlier.contains(name) { kept.issues.record(.imageOfEarlierSplit, name) }
    return kept
  }

  private func table() throws -> AnnotationTable {
    annotations.lastPathComponent.hasSuffix(".token.txt")
      ? try CaptionTokens.read(annotations, imageFolder: imageFolder) : try csv()
  }

  private func csv() throws -> AnnotationTable {
    var builder = AnnotationTable.Builder(path: annotations.path, imageFolder: imageFolder)
    var isHeader = true
    try CSVRecords.forEach(in: annotations) { fields, line in
      if isHeader {
        isHeader = false
        if fields == ["image", "caption"] { return }
      }
      guard fields.count == 2 else {
        throw AnnotationError(
          annotations.path, .line(line, column: nil),
          "expected an image and a caption, found \(fields.count) fields; a caption with commas is quoted")
      }
      try builder.add(fields[1], to: fields[0], line: line)
    }
    return builder.table
  }
}
