import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

@testable import VignetteLibrary

/// Archives in and out.
@Suite struct ArchiveTests {
  private static func tar(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["tar"] + arguments
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private static func members(_ path: String) throws -> [String: [UInt8]] {
    var members: [String: [UInt8]] = [:]
    try TarMembers(path).forEach { members[$0.name] = try $0.bytes() }
    return members
  }

  #if os(Linux)
    /// What GNU tar writes in each of its formats, long names too.
    @Test(arguments: ["v7", "ustar", "gnu", "pax", "oldgnu"]) func archivesOfGNUTar(format: String) throws {
      let folder = try TemporaryFolder()
      var names = ["a.png", "b/c.txt", "empty.jpg"]
      if format != "v7" {
        names.append("\(String(repeating: "d/", count: 40))\(String(repeating: "e", count: 90)).png")
      }
      if !["v7", "ustar"].contains(format) {
        names += [
          "\(String(repeating: "ordner-", count: 30))ü.png",
          FileName.string([0x66, 0xE9, 0x2E, 0x67, 0x69, 0x66]),
        ]
      }
      for (number, name) in names.enumerated() {
        let url = folder.url.appendingPathComponent("in/\(name)")
        try FolderMaker.make(url.deletingLastPathComponent())
        try AtomicFile.write([UInt8](repeating: UInt8(number), count: number * 700), to: url)
      }
      try FileManager.default.createSymbolicLink(
        at: folder.url.appendingPathComponent("in/link.png"),
        withDestinationURL: URL(fileURLWithPath: "a.png"))
      let path = folder.url.appendingPathComponent("out.tar").path
      try Self.tar([
        "--format=\(format)", "-cf", path, "-C", folder.url.appendingPathComponent("in").path, ".",
      ])
      let members = try Self.members(path)
      #expect(Set(members.keys) == Set(names.map { "./\($0)" }))
      for (number, name) in names.enumerated() { #expect(members["./\(name)"]?.count == number * 700) }
      // Cut off anywhere, it is said to be so, and what comes before is found.
      let bytes = try FileSystem.data(URL(fileURLWithPath: path))
      for count in stride(from: 1, to: bytes.count, by: 509) {
        try bytes.prefix(count).write(to: URL(fileURLWithPath: path))
        var reader = try TarReader(path)
        var last: FoundImage?
        while let found = reader.next() { last = found }
        if case .problem(let problem)? = last {
          #expect(problem.contains("cut off") || problem.contains("no tar archive"), "\(count): \(problem)")
        } else {
          // Only zeros are missing.
          #expect(bytes.dropFirst(count).allSatisfy { $0 == 0 }, "\(count)")
        }
      }
    }

    /// GNU tar reads what is written here.
    @Test func archivesForGNUTar() throws {
      let folder = try TemporaryFolder()
      let url = folder.url.appendingPathComponent("a.tar")
      let writer = try TarWriter(at: url)
      let contents = [0, 1, 511, 512, 513, 5000].map { [UInt8](repeating: UInt8($0 & 0xFF), count: $0) }
      for (number, bytes) in contents.enumerated() { try writer.add(bytes, name: "\(number).bin") }
      #expect(writer.count == contents.reduce(0) { $0 + TarWriter.size(ofMember: $1.count) })
      try writer.commit()
      try Self.tar(["-xf", url.path, "-C", folder.url.path])
      for (number, bytes) in contents.enumerated() {
        #expect(Array(try FileSystem.data(folder.url.appendingPathComponent("\(number).bin"))) == bytes)
      }
    }
  #endif

  /// A header that a stranger wrote.
  private static func header(_ name: String, size: String, type: Character = "0") -> [UInt8] {
    var block = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, _ offset: Int) {
      for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
    }
    put(name, 0)
    put(size, 124)
    put("        ", 148)
    put(String(type), 156)
    put("ustar\0", 257)
    let sum = String(block.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0", 148)
    return block
  }

  private static let nines = [UInt8](repeating: 0x39, count: 1024)
  private static let letters = [UInt8](repeating: 0x41, count: 2048)

  private static let hostile: [(bytes: [UInt8], problem: String)] = {
    var cases: [(bytes: [UInt8], problem: String)] = []
    func add(_ bytes: [UInt8], _ problem: String) { cases.append((bytes, problem)) }
    add(header("a.png", size: "77777777777"), "is cut off: a.png goes on beyond its end")
    add(header("a.png", size: "9"), "is no tar archive")
    add(header("../a.png", size: "0"), "../a.png is no name for a member")
    add(header("/a.png", size: "0"), "/a.png is no name for a member")
    add(header("x", size: "00000000005", type: "x") + Array("1 x=y".utf8), "damaged extended header")
    add(header("x", size: "00000000777", type: "x") + nines, "damaged extended header")
    add(header("x", size: "00077777777", type: "L") + nines, "is cut off")
    add([0x1F, 0x8B] + nines, "is compressed")
    add([1, 2, 3], "is no tar archive")
    add([], "is no tar archive")
    add(letters, "is no tar archive")
    add(header("a.png", size: "00000000000") + letters, "is damaged at byte 512")
    return cases
  }()

  @Test(arguments: hostile)
  func hostileArchives(bytes: [UInt8], problem: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Data(bytes), to: "x.tar")
    var reader = try TarReader(file.path)
    var problems: [String] = []
    while let found = reader.next() { if case .problem(let text) = found { problems.append(text) } }
    #expect(problems.contains { $0.contains(problem) && $0.contains("x.tar") }, "\(problems)")
  }

  @Test func imagesInArchivesAreCaptioned() async throws {
    let library = try Library()
    for number in 1...7 { try library.add("\(number).png", number) }
    let writer = try TarWriter(at: library.url("in.tar"))
    for number in 1...7 {
      try writer.add(Array(try FileSystem.data(library.url("photos/\(number).png"))), name: "\(number).png")
      try writer.add(Array("text".utf8), name: "\(number).txt")
    }
    try writer.commit()
    let inputs = ImageInputs([library.path("in.tar")])
    let sink = RowFile(at: library.url("captions.jsonl"), format: JSONLinesFormat())
    let run = try await library.run([sink], inputs)
    #expect(run.captioned == 7 && run.problems == [])
    let rows = try library.rows("captions.jsonl")
    #expect(rows.count == 7 && rows[0].contains("in.tar/1.png") && rows[0].contains("number 1"))
    let again = try await library.run(
      [RowFile(at: library.url("captions.jsonl"), format: JSONLinesFormat())], inputs)
    #expect(!again.isModelLoaded && again.summary.unchanged == 7)
  }

  // MARK: WebDataset

  private func samples(_ library: Library) throws -> [String: String] {
    var samples: [String: String] = [:]
    for name in try FileName.list(library.folder.url.path).sorted() where name.hasSuffix(".tar") {
      let members = try Self.members(library.path(name))
      for (member, bytes) in members where member.hasSuffix(".json") {
        let key = member.dropLast(5)
        let object = try JSONValue(parsing: bytes, file: member)
        let file = try #require(object["file"]?.asString)
        let caption = String(decoding: try #require(members["\(key).txt"]), as: UTF8.self)
        #expect(members["\(key).png"] != nil && object["caption"]?.asString == caption)
        let short = String(file.dropFirst(library.path("photos").count + 1))
        samples[short] = samples[short] == nil ? caption : "twice"
      }
    }
    return samples
  }

  /// Archives of limited size are whole or absent, whenever the job ends, and have each image once.
  @Test(arguments: [false, true]) func shardsAreWhole(isLate: Bool) async throws {
    for call in 1...14 {
      let library = try Library()
      for number in 1...9 { try library.add("\(number).png", number) }
      func sink() -> WebDatasetFile { WebDatasetFile(at: library.url("out.tar"), maximumSize: 10_000) }
      _ = try? await library.run([FaultySink(sink(), failingAt: call, isLate: isLate)])
      let done = try samples(library)
      _ = try await library.run([sink()])
      let expected = Dictionary(uniqueKeysWithValues: (1...9).map { ("\($0).png", "number \($0)") })
      #expect(try samples(library) == expected, "call \(call), \(done.count) before")
      let names = try FileName.list(library.folder.url.path)
      #expect(!names.contains { $0.hasSuffix(".partial") } && names.contains("out-000001.tar"))
      // An image that changed is in the archives once, too.
      try library.add("4.png", 444)
      _ = try await library.run([sink()])
      #expect(try samples(library) == expected.merging(["4.png": "number 444"]) { $1 })
      #expect(!(try await library.run([sink()]).isModelLoaded))
    }
  }

  @Test func namesOfShards() {
    #expect(ShardNames("out.tar").name(7) == "out-000007.tar")
    #expect(ShardNames("out-%04d.tar").name(12) == "out-0012.tar")
    #expect(ShardNames("out.tar").number(of: "out-000012.tar") == 12)
    #expect(
      ShardNames("out.tar").number(of: "out-12.tar") == nil
        && ShardNames("out.tar").number(of: "out-.tar") == nil)
    #expect(ShardNames("out.tar").number(of: "out-\(Int.max).tar") == nil)
  }

  /// Names that hold the largest numbers leave room for new ones.
  @Test func largeNumbersInNames() async throws {
    let library = try Library()
    try library.add("1.png", 1)
    let writer = try TarWriter(at: library.url("out-000000.tar"))
    try writer.add(Array(#"{"file": "x.png"}"#.utf8), name: "\(Int.max).json")
    try writer.commit()
    _ = try await library.run([WebDatasetFile(at: library.url("out.tar"), maximumSize: 10_000)])
    #expect(try Self.members(library.path("out-000001.tar")).count == 3)
  }
}
