import Foundation
import Testing
import VignetteDatasets
import VignetteTestSupport

/// Tables of absurd shape, and names that are nearly the same.
@Suite struct TextTableTests {
  private static let absurd: [(name: String, text: String)] = [
    ("letters", String(repeating: "a", count: 1 << 20)), ("zeros", String(repeating: "\0", count: 1 << 20)),
    ("lines", String(repeating: "\n", count: 1 << 20)),
    ("returns", String(repeating: "\r\n", count: 1 << 19)),
    ("commas", String(repeating: ",", count: 1 << 20)), ("quotes", String(repeating: "\"", count: 1 << 20)),
    ("bars", String(repeating: "|", count: 1 << 20)),
    ("accents", String(repeating: "e\u{301}", count: 1 << 18)),
    ("tabs", "a#0" + String(repeating: "\t", count: 1 << 20)),
    ("names", "file_name,text\n" + String(repeating: "a", count: 1 << 20) + ",x\n"),
    ("splits", "file_name,text,split\na.png,x," + String(repeating: "a", count: 1 << 20)),
    ("fields", "file_name,text\n" + String(repeating: ",", count: 1 << 20)),
  ]

  @Test(
    arguments: [
      (DatasetKind.imagefolder, "metadata.csv"), (.imagefolder, "metadata.jsonl"),
      (.flickr8k, "captions.txt"), (.flickr8k, "Flickr8k.token.txt"), (.flickr30k, "results.csv"),
      (.flickr30k, "results_20130124.token"),
    ], absurd.indices)
  func messagesAreShort(file: (kind: DatasetKind, name: String), index: Int) throws {
    let folder = try TemporaryFolder()
    try folder.write(Self.absurd[index].text, to: file.name)
    let message = message { try folder.dataset(file.kind) { $0.validationFraction = 0 } }
    #expect(message.unicodeScalars.count < 1200, "\(Self.absurd[index].name): \(message.prefix(1500))")
    #expect(!message.contains("\0"))
  }

  @Test func aTableOfTooManyColumnsIsRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write("file_name,text" + String(repeating: ",x", count: 5000), to: "metadata.csv")
    #expect(message { try folder.dataset(.imagefolder) }.contains("5002 columns are more than a table"))
  }

  @Test func countsOfFieldsAreRight() throws {
    let folder = try TemporaryFolder()
    try folder.write("file_name,text\r\n\r\n\"a\"\"b\n.png\",\"x\"\r\nc.png,y,z\r\n", to: "metadata.csv")
    let message = message { try folder.dataset(.imagefolder) }
    #expect(message.contains("metadata.csv:5: expected 2 fields as in the header, found 3"), "\(message)")
  }

  /// Names are bytes: what Swift's strings hold to be equal are different files.
  @Test func canonicallyEqualNamesAreDifferentFiles() throws {
    let folder = try TemporaryFolder()
    let names = ["caf\u{E9}.png", "cafe\u{301}.png", "\u{212B}.png", "\u{C5}.png"]
    for name in names { try folder.touch(name) }
    let rows = names.map { #"{"file_name": "\#($0)", "text": "x"}"# }
    try folder.write(rows.joined(separator: "\n"), to: "metadata.jsonl")
    let dataset = try folder.dataset(.imagefolder) { $0.validationFraction = 0 }
    #expect(dataset.images.map { Array($0.fileName.utf8) } == names.map { Array($0.utf8) })
    #expect(dataset.skipped.isEmpty)
  }

  @Test func aNameInAnotherNormalFormIsMissing() throws {
    let folder = try TemporaryFolder()
    try folder.touch("cafe\u{301}.png", "b.png")
    try folder.write(
      #"{"file_name": "caf\u00e9.png", "text": "x"}"# + "\n" + #"{"file_name": "b.png", "text": "y"}"#,
      to: "metadata.jsonl")
    let dataset = try folder.dataset(.imagefolder) { $0.validationFraction = 0 }
    #expect(dataset.images.map(\.fileName) == ["b.png"])
    #expect(dataset.skipped.map(\.reason) == ["the file is missing"])
  }
}
