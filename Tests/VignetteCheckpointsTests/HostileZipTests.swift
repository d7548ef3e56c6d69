import VignetteCheckpoints
import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

@Suite struct HostileZipTests {
  private func open(_ contents: Data) throws {
    let folder = try TemporaryFolder()
    _ = try PyTorchFile(at: folder.write(contents, to: "pytorch_model.bin"))
  }

  /// A fixture with `bytes` at `offset` from the place where `pattern` is found for the last time.
  private func changed(
    _ name: String, _ pattern: [UInt8], offset: Int, to bytes: [UInt8]
  ) throws -> Data {
    var data = try Fixture.data("checkpoints/\(name)")
    let range = try #require(data.range(of: Data(pattern), options: .backwards))
    data.replaceSubrange(range.lowerBound + offset..<range.lowerBound + offset + bytes.count, with: bytes)
    return data
  }

  private static let end: [UInt8] = [0x50, 0x4B, 5, 6]
  private static let end64: [UInt8] = [0x50, 0x4B, 6, 6]
  private static let locator: [UInt8] = [0x50, 0x4B, 6, 7]
  private static let entry: [UInt8] = [0x50, 0x4B, 1, 2]
  private static let ones = [UInt8](repeating: 0xFF, count: 4)

  static let wrongDirectories: [(String, [UInt8], Int, [UInt8], String)] = [
    ("types-plain-zip.bin", end, 16, ones, "reaches beyond the file"),
    ("types-plain-zip.bin", end, 16, [0, 0, 0, 0], "the zip directory is damaged"),
    ("types-plain-zip.bin", end, 10, [0xFF, 0xFF], "the zip directory is damaged"),
    ("types-plain-zip.bin", end, 0, [0], "has no end"),
    ("types-plain-zip.bin", end, 20, [1], "has no end"),
    ("types.bin", end64, 48, ones + ones, "reaches beyond the file"),
    ("types.bin", end64, 48, ones, "reaches beyond the file"),
    ("types.bin", end64, 32, ones, "the zip directory is damaged"),
    ("types.bin", end64, 0, [0], "64-bit directory is not where it should be"),
    ("types.bin", locator, 8, ones, "reaches beyond the file"),
    ("types.bin", locator, 8, [0, 0, 0, 0], "64-bit directory is not where it should be"),
  ]

  @Test(arguments: wrongDirectories)
  func wrongDirectoriesAreRefused(
    name: String, pattern: [UInt8], offset: Int, bytes: [UInt8], problem: String
  ) throws {
    let data = try changed(name, pattern, offset: offset, to: bytes)
    let error = #expect(throws: FileError.self) { try open(data) }
    #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
  }

  @Test(arguments: [
    (8, [1], "is encrypted"), (10, [8], "is compressed"), (20, [1], "is compressed"),
    (42, [1, 0, 0, 0], "has no header"), (42, [0xFF, 0xFF, 0xFF, 0x7F], "reaches beyond the file"),
    (24, ones, "reaches beyond"),
  ])
  func wrongEntriesAreRefused(offset: Int, bytes: [UInt8], problem: String) throws {
    // The pickle is the first entry of the directory.
    var data = try Fixture.data("checkpoints/types.bin")
    let start = try #require(data.range(of: Data(Self.entry))).lowerBound
    data.replaceSubrange(start + offset..<start + offset + bytes.count, with: bytes)
    if offset == 24 { data.replaceSubrange(start + 20..<start + 24, with: bytes) }
    let error = #expect(throws: FileError.self) { try open(data) }
    #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
  }

  @Test func aDamagedPickleIsNoticed() throws {
    let data = try changed(
      "types.bin", Array("_rebuild_tensor_v2".utf8), offset: 0, to: Array("_Rebuild".utf8))
    let error = #expect(throws: FileError.self) { try open(data) }
    #expect(error?.problem.contains("its checksum differs") == true)
  }

  @Test func namesAreUnique() throws {
    let folder = try TemporaryFolder()
    let file = try AtomicFile(at: folder.url.appendingPathComponent("pytorch_model.bin"))
    var archive = ZipWriter(file)
    for _ in 0..<2 { try archive.add("archive/data.pkl", []) }
    try archive.finish()
    try file.commit()
    let error = #expect(throws: FileError.self) { try PyTorchFile(at: file.url) }
    #expect(error?.problem == "the zip archive holds archive/data.pkl twice")
  }
}
