import Foundation

/// The caption files of Flickr8k and Flickr30k: a line `1000268201_693b08cb0e.jpg#0<tab>A child in …` a caption.
enum CaptionTokens {
  static func read(_ url: URL, imageFolder: String) throws -> AnnotationTable {
    var builder = AnnotationTable.Builder(path: url.path, imageFolder: imageFolder)
    try TextLines.forEach(in: url) { line, number in
      guard let tab = line.firstIndex(of: "\t"), let hash = line[..<tab].lastIndex(of: "#") else {
        throw AnnotationError(
          url.path, .line(number, column: nil), "expected name#number, a tab and a caption")
      }
      var name = line[..<hash]
      // Flickr8k's own file has a photo "2258277193_586949ec62.jpg.1"; the photo's file ends in .jpg.
      if name.hasSuffix(".jpg.1") {
        name = name.dropLast(2)
        builder.record(.repairedLine, "line \(number)")
      }
      try builder.add(String(line[line.index(after: tab)...]), to: String(name), line: number)
    }
    return builder.table
  }
}
