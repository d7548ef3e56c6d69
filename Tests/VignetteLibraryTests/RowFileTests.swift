import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

@testable import VignetteLibrary

/// Files of rows in their formats.
@Suite struct RowFileTests {
  private static let names = [
    "a.jpg", "b, \"c\".jpg", "d\ne.jpg", FileName.string([0x66, 0xE9, 0x2E, 0x6A]), "\u{1B}[2J.png",
    "e\u{301}.jpg", "é.jpg",
  ]

  private static func record(_ name: String, _ text: String = "a \"dog\",\nor two\u{2028}") -> CaptionRecord {
    CaptionRecord(
      image: LibraryImage(file: name), contentHash: nil,
      outcome: .captions([
        RecordedCaption(text: text, score: -0.1), RecordedCaption(text: "a cat", score: nil),
      ]))
  }

  private static func failure(_ name: String) -> CaptionRecord {
    CaptionRecord(image: LibraryImage(file: name), contentHash: nil, outcome: .failure("no, \"image\""))
  }

  private func file(_ folder: TemporaryFolder, _ format: any RowFormat) throws -> RowFile {
    let file = RowFile(at: folder.url.appendingPathComponent("rows"), format: format)
    try file.prepare()
    return file
  }

  private func bytes(_ folder: TemporaryFolder) throws -> [UInt8] {
    Array(try FileSystem.data(folder.url.appendingPathComponent("rows")))
  }

  @Test(arguments: [true, false]) func rowsAreFoundAgain(isCSV: Bool) throws {
    let format: any RowFormat = isCSV ? CSVFormat() : JSONLinesFormat()
    let folder = try TemporaryFolder()
    let first = try file(folder, format)
    for name in Self.names { try first.receive(Self.record(name)) }
    try first.receive(Self.failure("bad.jpg"))
    #expect(try first.existing(LibraryImage(file: "bad.jpg")) == .failure)
    try first.finish()
    let second = try file(folder, format)
    for name in Self.names {
      #expect(
        try second.existing(LibraryImage(file: name)) == .caption("a \"dog\",\nor two\u{2028}"), "\(name)")
    }
    #expect(try second.existing(LibraryImage(file: "bad.jpg")) == .failure)
    #expect(try second.existing(LibraryImage(file: "other.jpg")) == nil)
    // The same again changes nothing; something else takes a row's place.
    let before = try bytes(folder)
    for name in Self.names { try second.receive(Self.record(name)) }
    try second.finish()
    #expect(try bytes(folder) == before)
    let third = try file(folder, format)
    try third.receive(Self.record("a.jpg", "new"))
    try third.flush()
    #expect(try bytes(folder).count > before.count)
    try third.finish()
    let fourth = try file(folder, format)
    #expect(try fourth.existing(LibraryImage(file: "a.jpg")) == .caption("new"))
    #expect(try fourth.existing(LibraryImage(file: "é.jpg")) == .caption("a \"dog\",\nor two\u{2028}"))
    #expect(try bytes(folder).count < before.count)
  }

  /// A file that was cut off anywhere has the rows that are whole, and takes others behind them.
  @Test(arguments: [true, false]) func tornRowsAreDropped(isCSV: Bool) throws {
    let format: any RowFormat = isCSV ? CSVFormat() : JSONLinesFormat()
    let folder = try TemporaryFolder()
    let whole = try file(folder, format)
    for name in Self.names { try whole.receive(Self.record(name)) }
    try whole.finish()
    let all = try bytes(folder)
    // Each run waits for the disk, so not at every byte.
    for count in Array(stride(from: 0, through: all.count, by: 7)) + [all.count - 1] {
      try Data(all.prefix(count)).write(to: folder.url.appendingPathComponent("rows"))
      let torn = try file(folder, format)
      for name in Self.names { try torn.receive(Self.record(name)) }
      try torn.finish()
      #expect(try bytes(folder) == all, "cut at \(count)")
    }
  }

  /// Whatever else a file may be, it isn't written into.
  @Test(arguments: [
    ("a text\n", "rows:1"), ("a text", "no file of captions"), ("{\"file\": \"a\"}\n[]\n", "rows:2"),
    ("{\"file_name\": \"a\"}\n", "has no \"file\""), ("{\"file\": \"a\", \"caption\": 7}\n", "rows:1"),
    ("\u{FFFD}\0\0\n", "rows:1"),
  ])
  func otherFilesAreRefused(text: String, problem: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(text.utf8), to: "rows")
    #expect { _ = try file(folder, JSONLinesFormat()) } throws: { "\($0)".contains(problem) }
    #expect(try bytes(folder) == Array(text.utf8))
    #expect(throws: FileError.self) { try file(folder, CSVFormat()) }
    #expect(try bytes(folder) == Array(text.utf8))
  }

  /// Rows behind a quote that someone has lost are no rest of a row: they stay.
  @Test func anOpenQuoteLosesNoRows() throws {
    let folder = try TemporaryFolder()
    let text =
      "file,caption,score,error,alternatives\na.jpg,\"a dog,-1,,\nb.jpg,a cat,-2,,\nc.jpg,an owl,-3,,\n"
    try folder.write(Data(text.utf8), to: "rows")
    #expect { _ = try file(folder, CSVFormat()) } throws: {
      "\($0)".contains("rows:2: has a quote that isn't closed")
    }
    #expect(try bytes(folder) == Array(text.utf8))
    // A row that ends inside of a text of several lines is one.
    let torn = "file,caption,score,error,alternatives\na.jpg,a dog,-1,,\nb.jpg,\"a cat,\nor, so, it, seems"
    try folder.write(Data(torn.utf8), to: "rows")
    _ = try file(folder, CSVFormat())
    #expect(String(decoding: try bytes(folder), as: UTF8.self).hasSuffix("a dog,-1,,\n"))
  }

  @Test func otherProgramsRowsAreRead() throws {
    let folder = try TemporaryFolder()
    let text =
      "{\"file\":\"a.jpg\",\"caption\":\"by hand\",\"x\":[1,{}]}\r\n\n{\"file\": \"b.jpg\", \"error\": \"x\"}\n{\"file\": \"c.jpg\"}"
    try folder.write(Data(text.utf8), to: "rows")
    let rows = try file(folder, JSONLinesFormat())
    #expect(try rows.existing(LibraryImage(file: "a.jpg")) == .caption("by hand"))
    #expect(try rows.existing(LibraryImage(file: "b.jpg")) == .failure)
    #expect(try rows.existing(LibraryImage(file: "c.jpg")) == nil)
    // The last line had no end; it isn't joined to the next one.
    try rows.receive(Self.record("d.jpg"))
    try rows.finish()
    #expect(try bytes(folder).split(separator: UInt8(ascii: "\n")).count == 4)
  }

  /// Rows of a data set's metadata name images below its folder, and keep what else they say.
  @Test func metadataOfHuggingFace() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("{\"file_name\": \"a/b.jpg\", \"label\": 7}\n".utf8), to: "metadata.jsonl")
    let url = folder.url.appendingPathComponent("metadata.jsonl")
    let rows = RowFile(at: url, format: MetadataFormat(file: url))
    try rows.prepare()
    let image = LibraryImage(file: folder.url.appendingPathComponent("a/./b.jpg").path)
    #expect(try rows.existing(image) == nil)
    try rows.receive(Self.record(image.name, "a dog"))
    #expect(throws: ImageFailure.self) { try rows.receive(Self.record("/elsewhere/c.jpg")) }
    try rows.receive(Self.failure(folder.url.appendingPathComponent("bad.jpg").path))
    try rows.finish()
    #expect(
      String(decoding: try FileSystem.data(url), as: UTF8.self)
        == #"{"file_name": "a/b.jpg", "label": 7, "text": "a dog", "captions": ["a dog", "a cat"]}"# + "\n"
        + #"{"file_name": "bad.jpg", "text": null, "error": "no, \"image\""}"# + "\n")
  }

  // MARK: Documents

  private func document(_ folder: TemporaryFolder, _ format: any DocumentFormat) throws -> DocumentFile {
    let file = DocumentFile(at: folder.url.appendingPathComponent("captions.json"), format: format)
    try file.prepare()
    return file
  }

  private func text(_ folder: TemporaryFolder) throws -> String {
    String(decoding: try FileSystem.data(folder.url.appendingPathComponent("captions.json")), as: UTF8.self)
  }

  @Test func resultsOfCOCO() throws {
    let folder = try TemporaryFolder()
    let file = try document(folder, COCOResultsFormat())
    try file.receive(Self.record("val2014/COCO_val2014_000000000042.jpg", "a dog"))
    try file.receive(Self.failure("bad.jpg"))
    try file.receive(Self.record("cat.jpg", "a cät"))
    try file.flush()
    // A job that is killed here finds what it has received.
    let next = try document(folder, COCOResultsFormat())
    #expect(try next.existing(LibraryImage(file: "cat.jpg")) == .caption("a cät"))
    try next.finish()
    #expect(
      try text(folder) == """
        [
        {"image_id": 42, "caption": "a dog", "file_name": "val2014/COCO_val2014_000000000042.jpg", "score": -0.1},
        {"image_id": "cat", "caption": "a c\\u00e4t", "file_name": "cat.jpg", "score": -0.1}
        ]

        """)
    #expect(try FileName.list(folder.url.path) == ["captions.json"])
    // One that is there is gone on with.
    let third = try document(folder, COCOResultsFormat())
    #expect(try third.existing(LibraryImage(file: "cat.jpg")) == .caption("a cät"))
    let before = try text(folder)
    try third.finish()
    #expect(try text(folder) == before)
    #expect(COCOResultsFormat.id("a/7.jpg") == 7 && COCOResultsFormat.id("7a.jpg") == "7a")
    #expect(COCOResultsFormat.id("x_99999999999999999999.jpg") == "x_99999999999999999999")
  }

  @Test func metadataOfKohya() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      Data(
        #"{"a.jpg": {"tags": "1girl", "train_resolution": [512, 512]}, "b.jpg": {"caption": "old"}}"#.utf8),
      to: "captions.json")
    let file = try document(folder, KohyaFormat())
    #expect(try file.existing(LibraryImage(file: "a.jpg")) == nil)
    #expect(try file.existing(LibraryImage(file: "b.jpg")) == .caption("old"))
    try file.receive(Self.record("a.jpg", "a dog"))
    try file.receive(Self.record("c/d.jpg", "new"))
    try file.finish()
    #expect(
      try text(folder) == """
        {
          "b.jpg": {"caption": "old"},
          "a.jpg": {"tags": "1girl", "train_resolution": [512, 512], "caption": "a dog"},
          "c/d.jpg": {"caption": "new"}
        }

        """)
  }

  /// What waits to become a document and can be none, or is another image's, is no reason to write one that isn't.
  @Test(arguments: [
    #"["a.jpg", {"image_id": "a", "file_name": "a.jpg"}]"#,
    #"["a.jpg", {"image_id": "a", "caption": "x", "file_name": "b.jpg"}]"#, #"["a.jpg", {"caption": "x"}]"#,
  ])
  func waitingElementsAreChecked(row: String) throws {
    let folder = try TemporaryFolder()
    try folder.write(Data("\(row)\n".utf8), to: ".captions.json.rows")
    #expect {
      _ = try document(folder, COCOResultsFormat())
    } throws: {
      "\($0)".contains(".captions.json.rows:1: is no element")
    }
  }

  @Test func otherDocumentsAreRefused() throws {
    let folder = try TemporaryFolder()
    try folder.write(Data(#"{"model_type": "vit"}"#.utf8), to: "captions.json")
    #expect(throws: JSONError.self) { _ = try document(folder, KohyaFormat()) }
    #expect(throws: JSONError.self) { _ = try document(folder, COCOResultsFormat()) }
    #expect(try text(folder) == #"{"model_type": "vit"}"#)
  }

  // MARK: What is remembered

  @Test func offsetsAreFound() throws {
    var table = OffsetTable()
    var generator = SplitMix64(seed: 3)
    var expected: [UInt64: Int] = [:]
    for _ in 0..<5000 {
      // Few tags, so that many keys share one.
      let hash = UInt64.random(in: 0..<2500, using: &generator) << 40
      let offset = Int.random(in: 0..<1_000_000, using: &generator) * 2500 + Int(hash >> 40)
      let slot = table.slot(hash: hash) { $0 % 2500 == Int(hash >> 40) }
      try table.set(offset, hash: hash, slot: slot)
      expected[hash] = offset
    }
    #expect(table.count == expected.count)
    for (hash, offset) in expected {
      #expect(table.offset(hash: hash) { $0 % 2500 == Int(hash >> 40) } == offset)
    }
    #expect(throws: FileError.self) { try table.set(OffsetTable.maximumOffset + 1, hash: 1, slot: nil) }
  }

  @Test func theJournalIsCutWhereItIsNotWhole() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appendingPathComponent("journal")
    let key = ContentHash([1])
    func entry(_ number: Int) -> JournalEntry {
      JournalEntry(
        name: "\(number % 7).jpg", signature: FileSignature(size: 1, changed: -2, inode: .max),
        contentHash: ContentHash([UInt8(number)]), captionKey: key, recordKey: ContentHash([2]),
        outcome: number == 3
          ? .failure("x") : .captions([RecordedCaption(text: "raw \(number)", score: nil)]),
        texts: number == 3 ? [] : ["text \(number)"], isForReview: number == 4, isReplacement: number == 5)
    }
    do {
      let journal = try Journal(at: url)
      for number in 0..<10 {
        try journal.append(entry(number))
        if number == 6 { try journal.markDelivered() }
      }
      try journal.finish()
    }
    let all = try FileSystem.data(url)
    for count in 0...all.count {
      try all.prefix(count).write(to: url)
      let journal = try Journal(at: url)
      // Entries are there up to one, and none behind it.
      let known = try (0..<10).map { number in
        try journal.captions(of: ContentHash([UInt8(number)]), key).map {
          $0 == [RecordedCaption(text: "raw \(number)", score: nil)]
        }
      }
      let last = known.lastIndex { $0 == true } ?? -1
      #expect((0...max(0, last)).allSatisfy { last < 0 || $0 == 3 || known[$0] == true })
      if last == 9 {
        for number in 3..<10 {
          let found = try #require(try journal.entry(named: "\(number % 7).jpg"))
          var expected = entry(number)
          // What may not have reached the outputs is handed over again.
          expected.isPending = number >= 7
          #expect(found.entry == expected && found.isDelivered == (number < 7))
        }
      }
    }
    // What is out of date goes at the end.
    let journal = try Journal(at: url)
    for number in 0..<60 { try journal.append(entry(number)) }
    try journal.finish()
    withExtendedLifetime(journal) {}
    #expect(try FileSystem.data(url).count < 2 * all.count)
  }
}
