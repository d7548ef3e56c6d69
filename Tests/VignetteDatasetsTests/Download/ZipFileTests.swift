import VignetteDatasets
import Foundation
import VignetteTestSupport
import Testing

@Suite struct ZipFileTests {
  private static let text = String(
    repeating: "A child in a pink dress is climbing up a set of stairs in an entry way .\n", count: 40)

  @Test(arguments: ["plain", "zip64", "streamed", "end64"])
  func unpacksWhatPythonPacks(name: String) throws {
    let folder = try TemporaryFolder()
    let zip = try ZipFile(at: Fixture.url("datasets/\(name).zip"))
    #expect(zip.byteCount == Self.text.utf8.count + 6)
    #expect(zip.fileCount == 3)
    var progress: [Int] = []
    try zip.verify { progress.append($0) }
    #expect(progress == [Self.text.utf8.count, zip.byteCount, zip.byteCount])

    // A second time over the first, as after an interruption.
    for _ in 0..<2 { try zip.unpack(to: folder.url) }
    let paths = try FileManager.default.subpathsOfDirectory(atPath: folder.url.path)
    #expect(
      paths.sorted() == [
        "empty.txt", "pictures", "pictures/deep", "pictures/deep/stored.txt", "pictures/long.txt",
      ])
    func text(_ name: String) throws -> String {
      try String(contentsOf: folder.url.appendingPathComponent(name), encoding: .utf8)
    }
    #expect(try text("pictures/long.txt") == Self.text)
    #expect(try text("pictures/deep/stored.txt") == "stored")
    #expect(try text("empty.txt").isEmpty)
  }

  @Test(arguments: [
    ("parent", "../evil.txt: the name leads out of the folder"),
    ("absolute", "/evil.txt: the name leads out of the folder"),
    ("inside", "a/../../evil.txt: the name leads out of the folder"),
    ("backslash", "..\\evil.txt: the name leads out of the folder"),
    ("link", "link: is no plain file"),
    ("method", "a.txt: is compressed by method 12"),
    ("twice", "a.txt: is there twice"),
  ])
  func refuses(name: String, expected: String) {
    let message = message { try ZipFile(at: Fixture.url("datasets/\(name).zip")) }
    #expect(message.contains("\(name).zip: \(expected)"), "\(message)")
  }

  /// A mark that combines with the slash before it hides no "..".
  @Test func refusesNamesThatHideWhereTheyLead() throws {
    var bytes = [UInt8](try Fixture.data("datasets/inside.zip"))
    let hidden = Array("/\u{5BD}il.txt".utf8)
    while let range = bytes.firstRange(of: Array("/evil.txt".utf8)) {
      bytes.replaceSubrange(range, with: hidden)
    }
    let folder = try TemporaryFolder()
    let url = try folder.write(Data(bytes), to: "hidden.zip")
    #expect(message { try ZipFile(at: url) }.contains("the name leads out of the folder"))
  }

  @Test func refusesMoreThanTheLimit() {
    let message = message { try ZipFile(at: Fixture.url("datasets/plain.zip"), limit: 100) }
    #expect(message.hasSuffix("would unpack to more than 100 bytes"))
  }

  /// No damage to any byte traps, and none to the contents or their sizes goes unnoticed.
  @Test(arguments: ["plain", "zip64", "end64"])
  func noticesDamage(name: String) throws {
    let folder = try TemporaryFolder()
    let whole = try Fixture.data("datasets/\(name).zip")
    let contents = try #require(whole.range(of: Data("long.txt".utf8))).upperBound + 40
    let url = try folder.write(whole, to: "damaged.zip")
    let file = try FileHandle(forUpdating: url)
    func put(_ byte: UInt8, at position: Int) throws {
      try file.seek(toOffset: UInt64(position))
      try file.write(contentsOf: Data([byte]))
    }
    for position in 0..<whole.count {
      try put(whole[position] ^ 0xFF, at: position)
      let result = message { try ZipFile(at: url).verify() }
      if position == contents { #expect(result.contains("pictures/long.txt: ")) }
      if position % 10 == 0 { _ = try? ZipFile(at: url).unpack(to: folder.url.appendingPathComponent("out")) }
      try put(whole[position], at: position)
    }
    let out = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
    #expect(Set(out).isSubset(of: ["damaged.zip", "out"]))
  }

  @Test func noticesThatTheEndIsMissing() throws {
    let folder = try TemporaryFolder()
    let whole = try Fixture.data("datasets/plain.zip")
    for count in stride(from: 0, to: whole.count, by: 7) {
      let url = try folder.write(whole.prefix(count), to: "cut.zip")
      #expect(message { try ZipFile(at: url).verify() }.contains("cut off"))
    }
  }
}
