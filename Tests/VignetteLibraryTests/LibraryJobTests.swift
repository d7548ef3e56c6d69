import Foundation
import Testing
import Vignette
import VignetteFiles
import VignetteMetadata
import VignetteTensors
import VignetteTestSupport

@testable import VignetteLibrary

/// Jobs over folders, whatever becomes of them on their way.
@Suite struct LibraryJobTests {
  private func file(_ library: Library, _ name: String = "captions.jsonl") -> RowFile {
    RowFile(at: library.url(name), format: JSONLinesFormat())
  }

  private static let numbers = Array(1...11)

  private static func expected(_ numbers: [Int] = numbers) -> [String: String] {
    Dictionary(uniqueKeysWithValues: numbers.map { ("\($0).png", "number \($0)") })
  }

  private func filled() throws -> Library {
    let library = try Library()
    for number in Self.numbers { try library.add("\(number).png", number) }
    return library
  }

  @Test func everyImageIsARow() async throws {
    let library = try filled()
    let run = try await library.run([file(library)])
    #expect(run.summary.captioned == 11 && run.summary.total == 11 && run.failures == [])
    #expect(try library.captions("captions.jsonl") == Self.expected())
    let row = try #require(try library.rows("captions.jsonl").first { $0.contains("/7.png") })
    #expect(
      row
        == #"{"file": "\#(library.path("photos/7.png"))", "caption": "number 7", "score": -0.7, "captions": "#
        + #"[{"caption": "number 7", "score": -0.7}, {"caption": "second 7", "score": -7.0}]}"#)
  }

  /// Nothing to do: the model isn't even loaded, and the files stay as they are.
  @Test func aSecondRunDoesNothing() async throws {
    let library = try filled()
    _ = try await library.run([file(library)])
    let before = try FileSystem.data(library.url("captions.jsonl"))
    let run = try await library.run([file(library)])
    #expect(run.summary.unchanged == 11 && run.captioned == 0 && !run.isModelLoaded)
    #expect(try FileSystem.data(library.url("captions.jsonl")) == before)
  }

  @Test func newAndChangedImagesAreCaptionedAlone() async throws {
    let library = try filled()
    _ = try await library.run([file(library)])
    try library.add("new.png", 70)
    try library.add("3.png", 300)
    let run = try await library.run([file(library)])
    #expect(run.captioned == 2 && run.summary.unchanged == 10)
    var expected = Self.expected()
    (expected["new.png"], expected["3.png"]) = ("number 70", "number 300")
    #expect(try library.captions("captions.jsonl") == expected)
  }

  /// A file that only looks different has its caption.
  @Test func touchedImagesStay() async throws {
    let library = try filled()
    _ = try await library.run([file(library)])
    for number in Self.numbers {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1e9)],
        ofItemAtPath: library.path("photos/\(number).png"))
    }
    let run = try await library.run([file(library)])
    #expect(run.summary.unchanged == 11 && !run.isModelLoaded)
    // Noted, so that the bytes needn't be read a third time.
    let journal = try Journal(at: library.url("journal"))
    let entry = try #require(try journal.entry(named: library.path("photos/3.png"))?.entry)
    #expect(entry.signature?.changed == 1_000_000_000_000_000_000)
  }

  @Test func equalBytesAreCaptionedOnce() async throws {
    let library = try filled()
    for number in Self.numbers { try library.add("copies/\(number).png", number) }
    let run = try await library.run([file(library)])
    #expect(run.captioned == 11 && run.summary.reused == 11)
    #expect(try library.captions("captions.jsonl").count == 22)
    // And over runs: a folder that is renamed needs no model.
    try FileManager.default.moveItem(at: library.url("photos/copies"), to: library.url("photos/moved"))
    let again = try await library.run([file(library)])
    #expect(!again.isModelLoaded && again.summary.reused == 11)
    #expect(try library.captions("captions.jsonl")["moved/4.png"] == "number 4")
  }

  @Test func anImageThatIsNamedTwiceHasOneRow() async throws {
    let library = try filled()
    let photos = library.path("photos")
    let inputs = ImageInputs([photos, "\(photos)/./3.png", "\(photos)//"])
    for mode in [ExistingMode.skip, .append] {
      let sink = file(library, "\(mode).jsonl")
      _ = try await library.run([sink], inputs) { options in
        options.existing = mode
        options.journal = library.url("journal-\(mode)")
      }
      #expect(try library.captions("\(mode).jsonl") == Self.expected())
    }
  }

  // MARK: Failures

  @Test func failedImagesAreRows() async throws {
    let library = try filled()
    try library.folder.write(Data("nothing".utf8), to: "photos/bad.jpg")
    try library.folder.write(Data(), to: "photos/empty.png")
    let run = try await library.run([file(library)])
    #expect(run.summary.failed == 2 && run.summary.captioned == 11 && run.failures.count == 2)
    let captions = try library.captions("captions.jsonl")
    #expect(captions.count == 13 && captions["bad.jpg"]?.hasPrefix("not an image") == true)

    let second = try await library.run([file(library)])
    #expect(second.summary.failedBefore == 2 && second.summary.unchanged == 11 && second.failures == [])
    let third = try await library.run([file(library)]) { $0.retriesFailures = true }
    #expect(third.summary.failed == 2 && third.failures.count == 2)
    #expect(try library.captions("captions.jsonl") == captions)
    // One that has become an image has changed.
    try library.add("bad.jpg", 50)
    let fourth = try await library.run([file(library)])
    #expect(fourth.captioned == 1)
    #expect(try library.captions("captions.jsonl")["bad.jpg"] == "number 50")
  }

  /// What can't be read any more has the caption from when it could.
  @Test func anImageThatCannotBeReadNowKeepsItsCaption() async throws {
    let library = try filled()
    _ = try await library.run([file(library)])
    let list = ImageInputs(Self.numbers.map { library.path("photos/\($0).png") })
    try FileSystem.remove(library.url("photos/5.png"))
    let run = try await library.run([file(library)], list)
    #expect(run.failures == ["\(library.path("photos/5.png")): there is no such file"])
    #expect(try library.captions("captions.jsonl") == Self.expected())
    // One that never could be read is a row.
    let other = try await library.run([file(library)], ImageInputs([library.path("photos/none.png")]))
    #expect(other.summary.failed == 1)
    #expect(try library.captions("captions.jsonl")["none.png"] == "there is no such file")
  }

  /// Batches that don't fit become smaller, unless someone has set their size.
  @Test func batchesFitIntoMemory() async throws {
    let library = try filled()
    library.captioner.setLimit(3)
    _ = try await library.run([file(library)]) { $0.batchSize = nil }
    #expect(try library.captions("captions.jsonl") == Self.expected())
    #expect(library.captioner.sizes.allSatisfy { $0 <= 3 } && library.captioner.sizes.contains { $0 > 1 })
    await #expect(throws: TensorMemoryError.self) {
      _ = try await library.run([file(library, "other.jsonl")]) { options in
        options.batchSize = 5
        options.journal = library.url("other")
      }
    }
  }

  // MARK: Captions that are there

  @Test(arguments: [
    (ExistingMode.skip, "old"), (.overwrite, "number 3"), (.append, "old, number 3"),
    (.prepend, "number 3, old"),
  ])
  func captionsFromElsewhere(mode: ExistingMode, caption: String) async throws {
    let library = try filled()
    let row = #"{"caption": "old", "by": "hand", "file": "\#(library.path("photos/3.png"))"}"# + "\n"
    try library.folder.write(Data(row.utf8), to: "captions.jsonl")
    let run = try await library.run([file(library)]) { $0.existing = mode }
    #expect(run.captioned == (mode == .skip ? 10 : 11))
    var expected = Self.expected()
    expected["3.png"] = caption
    #expect(try library.captions("captions.jsonl") == expected)
    // The same again: nothing is joined twice.
    let again = try await library.run([file(library)]) { $0.existing = mode }
    #expect(!again.isModelLoaded && again.summary.unchanged == 11)
    #expect(try library.captions("captions.jsonl") == expected)
  }

  @Test func otherOptionsCaptionAgain() async throws {
    let library = try filled()
    _ = try await library.run([file(library)])
    // Rules for texts need no model.
    let rules = try await library.run([file(library)]) { $0.text.prefix = "photo: " }
    #expect(!rules.isModelLoaded && rules.summary.reused == 11)
    #expect(try library.captions("captions.jsonl").values.allSatisfy { $0.hasPrefix("photo: number ") })
    library.captioner.setSuffix("!")
    let model = try await library.run([file(library)]) { $0.captionKey = ContentHash(Array("other".utf8)) }
    #expect(model.captioned == 11)
    #expect(try library.captions("captions.jsonl") == Self.expected().mapValues { $0 + "!" })
  }

  /// A second output gets what the first one has, without the model.
  @Test func anotherOutputIsFilledFromTheJournal() async throws {
    let library = try filled()
    _ = try await library.run([file(library)])
    let both: [any CaptionSink] = [
      file(library), RowFile(at: library.url("captions.csv"), format: CSVFormat()),
    ]
    let run = try await library.run(both)
    #expect(!run.isModelLoaded && run.summary.reused == 11)
    let rows = try library.rows("captions.csv")
    #expect(rows.count == 12 && rows.contains("file,caption,score,error,alternatives"))
    #expect(rows.contains("\(library.path("photos/7.png")),number 7,-0.7,,\"[\"\"second 7\"\"]\""))
  }

  @Test func lowScoresWaitForAReview() async throws {
    let library = try filled()
    for _ in 0..<2 {
      let run = try await library.run([file(library)], review: file(library, "review.jsonl")) {
        $0.minimumScore = -0.55
      }
      #expect(run.summary.total == 11)
    }
    #expect(try library.captions("captions.jsonl") == Self.expected(Array(1...5)))
    #expect(try library.captions("review.jsonl") == Self.expected(Array(6...11)))
  }

  /// An image that goes while the job runs is a row with the reason.
  @Test func anImageThatVanishesIsARow() async throws {
    let library = try Library()
    for number in 10..<60 { try library.add("\(number).png", number) }
    let vanishing = VanishingSink(file(library)) { try FileSystem.remove(library.url("photos/59.png")) }
    let run = try await library.run([vanishing]) { $0.batchSize = 1 }
    #expect(run.failures == ["\(library.path("photos/59.png")): there is no such file"])
    let captions = try library.captions("captions.jsonl")
    #expect(captions.count == 50 && captions["59.png"] == "there is no such file")
  }

  /// Does something when the first record comes.
  private final class VanishingSink: CaptionSink {
    private let base: any CaptionSink
    private var change: (() throws -> Void)?

    init(_ base: any CaptionSink, _ change: @escaping () throws -> Void) {
      (self.base, self.change) = (base, change)
    }

    func prepare() throws { try base.prepare() }
    func existing(_ image: LibraryImage) throws -> ExistingCaption? { try base.existing(image) }
    func receive(_ record: CaptionRecord) throws {
      try change?()
      change = nil
      try base.receive(record)
    }
    func flush() throws { try base.flush() }
    func finish() throws { try base.finish() }
  }

  // MARK: Jobs that end

  /// What a killed process was writing beside images is gone when the job has gone on.
  @Test func leftoversBesideImagesGo() async throws {
    let library = try filled()
    func sink() -> TextSidecars {
      TextSidecars(SidecarPlaces(folder: nil, naming: .stem, roots: [library.path("photos")]), ending: "txt")
    }
    _ = try? await library.run([FaultySink(sink(), failingAt: 2, isLate: false)])
    try library.folder.write(Data("nu".utf8), to: "photos/.2.txt.0A1B2C3D.partial")
    _ = try await library.run([sink()])
    let names = try FileName.list(library.path("photos"))
    #expect(!names.contains { $0.hasSuffix(".partial") } && names.count == 22, "\(names)")
  }

  /// Messages name what people know: not the hidden journal, but what it belongs to.
  @Test func theOutputIsNamed() async throws {
    let library = try filled()
    for output in ["out/c.jsonl", nil] {
      await #expect(throws: SystemError("write", output ?? library.path("none"), code: ENOENT)) {
        _ = try await library.run([file(library)]) { options in
          options.journal = library.url("none/.c.jsonl.job")
          options.output = output
        }
      }
    }
    let journal = try Journal(at: library.url("journal"))
    await #expect(throws: FileError("c.jsonl", "another job is writing these captions")) {
      _ = try await library.run([file(library)]) { $0.output = "c.jsonl" }
    }
    withExtendedLifetime(journal) {}
  }

  /// A job that fails anywhere, its files cut off at any byte besides, ends as one that nothing happened to.
  @Test(arguments: [false, true]) func aJobGoesOnWhereItWas(isLate: Bool) async throws {
    var generator = SplitMix64(seed: 7)
    for call in 1...18 {
      let library = try filled()
      try library.add("copy.png", 4)
      try library.folder.write(Data("nothing".utf8), to: "photos/bad.jpg")
      _ = try? await library.run([FaultySink(file(library), failingAt: call, isLate: isLate)])
      for name in ["journal", "captions.jsonl"] {
        // What was written last is lost, as where the machine ends.
        let bytes = try FileSystem.data(library.url(name))
        let lost = call.isMultiple(of: 3) ? Int.random(in: 0...min(90, bytes.count), using: &generator) : 0
        try bytes.dropLast(lost).write(to: library.url(name))
      }
      let run = try await library.run([file(library)])
      var expected = Self.expected()
      expected["copy.png"] = "number 4"
      expected["bad.jpg"] = try library.captions("captions.jsonl")["bad.jpg"]
      #expect(try library.captions("captions.jsonl") == expected, "call \(call)")
      #expect(run.captioned <= 11)
      #expect(try library.rows("captions.jsonl").count == 13)
      #expect(!(try await library.run([file(library)]).isModelLoaded))
    }
  }

  /// The same where captions are joined to others, which must happen once.
  @Test(arguments: [false, true]) func joinedCaptionsAreJoinedOnce(isLate: Bool) async throws {
    for call in 1...18 {
      let library = try filled()
      let rows = Self.numbers.map {
        #"{"file": "\#(library.path("photos/\($0).png"))", "caption": "old"}"# + "\n"
      }
      try library.folder.write(Data(rows.joined().utf8), to: "captions.jsonl")
      _ = try? await library.run([FaultySink(file(library), failingAt: call, isLate: isLate)]) {
        $0.existing = .append
      }
      _ = try await library.run([file(library)]) { $0.existing = .append }
      #expect(
        try library.captions("captions.jsonl") == Self.expected().mapValues { "old, \($0)" }, "call \(call)")
    }
  }

  /// A changed image's row is replaced, wherever the job ends on the way.
  @Test(arguments: [false, true]) func changedImagesAreReplacedOnce(isLate: Bool) async throws {
    for call in 1...12 {
      let library = try filled()
      _ = try await library.run([file(library)])
      for number in [2, 5, 9] { try library.add("\(number).png", 1000 + number) }
      _ = try? await library.run([FaultySink(file(library), failingAt: call, isLate: isLate)])
      _ = try await library.run([file(library)])
      var expected = Self.expected()
      for number in [2, 5, 9] { expected["\(number).png"] = "number \(1000 + number)" }
      #expect(try library.captions("captions.jsonl") == expected, "call \(call)")
    }
  }

  /// A journal that is lost costs nothing but what it knew.
  @Test func rowsWithoutAJournalStay() async throws {
    let library = try filled()
    _ = try await library.run([file(library)])
    try FileSystem.remove(library.url("journal"))
    try library.add("new.png", 70)
    let run = try await library.run([file(library)])
    #expect(run.captioned == 1 && run.summary.unchanged == 11)
  }

  @Test func twoJobsDontShareAnOutput() async throws {
    let library = try filled()
    let journal = try Journal(at: library.url("journal"))
    await #expect { _ = try await library.run([file(library)]) } throws: { "\($0)".contains("another job") }
    withExtendedLifetime(journal) {}
    await #expect(throws: FileError.self) {
      try library.folder.write(Data("something else".utf8), to: "other")
      _ = try await library.run([file(library)]) { $0.journal = library.url("other") }
    }
    #expect(try FileSystem.data(library.url("other")) == Data("something else".utf8))
  }

  /// What a job writes into an image doesn't make it a new one.
  @Test func imagesThatAreWrittenIntoStayTheSame() async throws {
    for call in [0, 4, 7, 9] {
      let library = try filled()
      if call > 0 { _ = try? await library.run([FaultySink(EmbeddingSink(), failingAt: call, isLate: true)]) }
      let run = try await library.run([EmbeddingSink()])
      #expect(run.summary.total == 11)
      let again = try await library.run([EmbeddingSink()])
      #expect(!again.isModelLoaded && again.summary.unchanged == 11, "\(again)")
    }
  }

  /// Puts captions behind an image's end, where readers of images don't look.
  private final class EmbeddingSink: CaptionSink {
    let changesImages = true

    func existing(_ image: LibraryImage) throws -> ExistingCaption? {
      guard let file = image.file, let range = try FileSystem.data(file).range(of: Data("CAPTION".utf8))
      else {
        return nil
      }
      return .caption(String(decoding: try FileSystem.data(file)[range.upperBound...], as: UTF8.self))
    }

    func receive(_ record: CaptionRecord) throws {
      guard let file = record.image.file, let caption = record.captions.first else { return }
      var data = try FileSystem.data(file)
      if let range = data.range(of: Data("CAPTION".utf8)) { data = data[..<range.lowerBound] }
      try AtomicFile.write(data + Data("CAPTION\(caption.text)".utf8), to: file)
    }
  }

  /// One output's trouble with an image is reported, and the next run tries again.
  @Test func anImageThatAnOutputRefusesIsTriedAgain() async throws {
    final class Refusing: CaptionSink {
      var refuses = true
      var received: [String] = []

      func existing(_ image: LibraryImage) throws -> ExistingCaption? {
        received.contains(image.name) ? .caption("") : nil
      }

      func receive(_ record: CaptionRecord) throws {
        if refuses, record.image.name.hasSuffix("/3.png") { throw ImageFailure("no room") }
        received.append(record.image.name)
      }
    }
    let library = try filled()
    let sink = Refusing()
    let run = try await library.run([file(library), sink])
    #expect(run.failures == ["\(library.path("photos/3.png")): no room"] && sink.received.count == 10)
    sink.refuses = false
    let again = try await library.run([file(library), sink])
    #expect(!again.isModelLoaded && sink.received.count == 11 && again.failures == [])
    #expect(try library.captions("captions.jsonl") == Self.expected())
  }
}
