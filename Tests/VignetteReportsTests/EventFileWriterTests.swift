import Foundation
import VignetteTestSupport
import Testing
import VignetteEvaluation
import VignetteFiles
import VignetteReports
import VignetteTrainer

@Suite struct EventFileWriterTests {
  // RFC 3720, appendix B.4, and the usual check value.
  private static let checksums: [([UInt8], UInt32)] = [
    (Array(repeating: 0, count: 32), 0x8A91_36AA),
    (Array(repeating: 0xFF, count: 32), 0x62A8_AB43),
    (Array(0..<32), 0x46DD_794E),
    (Array((0..<32).reversed()), 0x113F_DB5C),
    (Array("123456789".utf8), 0xE306_9283),
    ([], 0),
  ]

  @Test(arguments: Self.checksums)
  func checksum(_ bytes: [UInt8], _ expected: UInt32) {
    #expect(CRC32C.checksum(bytes) == expected)
  }

  @Test func aRunIsReadBack() throws {
    let folder = try TemporaryFolder()
    let writer = try EventFileWriter(
      folder: folder.url.appendingPathComponent("runs/a"), now: { Date(timeIntervalSince1970: 1.5) })
    try writer.log(
      LogEntry.training(loss: 2.5, gradientNorm: .nan, learningRate: 5e-5, epoch: 0.5, step: 300))
    try writer.log(
      LogEntry.evaluation(
        loss: 2.25, metrics: [("rougeL", 20)], speed: Speed(runtime: 2, samples: 8, steps: 2), epoch: 1,
        step: 600))
    try writer.log([("args", .text("naïve"))], step: 0)
    try writer.log([("eval/1", .image(Data([1, 2, 3]), width: 4, height: 5))], step: 600)

    let records = EventFileReader.records(try Data(contentsOf: writer.url))
    #expect(records.count == 5)
    #expect(records.allSatisfy { $0.isSound && $0.event[number: 1]?.double == 1.5 })
    #expect(records[0].event[number: 3]?.text == "brain.Event:2")
    #expect(records[0].event[number: 2] == nil)
    #expect(records[1].event[number: 2]?.integer == 300)
    #expect(
      scalars(records[1].event).map(\.tag) == [
        "train/loss", "train/grad_norm", "train/learning_rate", "train/epoch",
      ])
    #expect(scalars(records[1].event)[0].value == 2.5)
    #expect(scalars(records[1].event)[1].value?.isNaN == true)
    #expect(
      scalars(records[2].event).map(\.tag) == [
        "eval/loss", "eval/rougeL", "eval/runtime", "eval/samples_per_second", "eval/steps_per_second",
        "train/epoch",
      ])
    let text = try #require(records[3].event[number: 5]?.message[number: 1]?.message)
    #expect(text[number: 1]?.text == "args/text_summary")
    #expect(text[number: 8]?.message[number: 8]?.text == "naïve")
    let image = try #require(records[4].event[number: 5]?.message[number: 1]?.message[number: 4]?.message)
    #expect(
      image[number: 1]?.integer == 5 && image[number: 2]?.integer == 4
        && image[number: 4]?.bytes == [1, 2, 3])
  }

  @Test func aResumedRunOpensAFileOfItsOwnAndDropsLaterSteps() throws {
    let folder = try TemporaryFolder()
    let now = { Date(timeIntervalSince1970: 1_700_000_000) }
    let first = try EventFileWriter(folder: folder.url, now: now)
    let second = try EventFileWriter(folder: folder.url, resumedStep: 20, now: now)
    #expect(first.url.lastPathComponent.hasPrefix("events.out.tfevents.1700000000."))
    #expect(first.url.lastPathComponent.hasSuffix(".0") && second.url.lastPathComponent.hasSuffix(".1"))

    let records = EventFileReader.records(try Data(contentsOf: second.url))
    #expect(records.map { $0.event[number: 2]?.integer } == [21, 21])
    #expect(records[1].event[number: 7]?.message[number: 1]?.integer == 1)
  }

  @Test func aFolderThatCannotBeMadeIsAnError() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(), to: "file")
    #expect(throws: (any Error).self) { try EventFileWriter(folder: file.appendingPathComponent("runs")) }
  }

  private func scalars(_ event: [EventFileReader.Field]) -> [(tag: String?, value: Float?)] {
    (event[number: 5]?.message ?? []).map { ($0.message[number: 1]?.text, $0.message[number: 2]?.float) }
  }
}

/// What stands in the way of a log is named in one line.
@Suite struct EventFolderTests {
  @Test func aFileInTheWayIsNamed() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(), to: "runs")
    let error = #expect(throws: SystemError.self) { try EventFileWriter(folder: file) }
    let line = "\(try #require(error))"
    #expect(line.contains(file.path) && !line.contains("\n"), "\(line)")
  }
}
