import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

@Suite struct AtomicFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
  }

  @Test func aFileAppearsWhenItIsCommitted() throws {
    let url = try folder.write(Data("old".utf8), to: "file")
    let file = try AtomicFile(at: url)
    try file.write(Array("nXw".utf8))
    try file.overwrite(Array("e".utf8), at: 1)
    try file.write(Array("er".utf8))
    #expect(try Data(contentsOf: url) == Data("old".utf8))
    try file.commit()
    #expect(try Data(contentsOf: url) == Data("newer".utf8))
    #expect(try names() == ["file"])
  }

  /// The file that a link leads to is replaced, and the link stays.
  @Test func linksAreFollowed() throws {
    let target = try folder.write(Data("old".utf8), to: "elsewhere/target")
    let link = folder.url.appendingPathComponent("link")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: target)
    try AtomicFile.write(Array("new".utf8), to: link)
    #expect(try String(contentsOf: target, encoding: .utf8) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == target.path)
  }

  /// A pipe is written into; it doesn't become a file.
  @Test func pipesStayPipes() throws {
    let pipe = folder.url.appendingPathComponent("pipe")
    try #require(mkfifo(pipe.path, 0o600) == 0)
    // Open for both, so that neither side waits for the other.
    let reader = open(pipe.path, O_RDWR)
    defer { close(reader) }
    try AtomicFile.write(Array("words".utf8), to: pipe)
    var words = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &words, 16) == 5 && Array(words.prefix(5)) == Array("words".utf8))
    var status = stat()
    #expect(lstat(pipe.path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
  }

  @Test func aFolderIsNotRemovedForAFile() throws {
    let file = try folder.write(Data("precious".utf8), to: "metrics.json/file")
    #expect(throws: SystemError.self) { try AtomicFile.remove(file.deletingLastPathComponent()) }
    #expect(FileManager.default.fileExists(atPath: file.path))
    try AtomicFile.remove(folder.url.appendingPathComponent("none"))
    try AtomicFile.remove(file)
    #expect(!FileManager.default.fileExists(atPath: file.path))
  }

  @Test func anAbandonedFileLeavesTheOldOne() throws {
    let url = try folder.write(Data("old".utf8), to: "file")
    try { try AtomicFile(at: url).write(Array("new".utf8)) }()
    #expect(try Data(contentsOf: url) == Data("old".utf8))
    #expect(try names() == ["file"])
  }

  @Test func anAbandonedFolderLeavesTheOldOne() throws {
    try folder.write(Data("old".utf8), to: "model/file")
    try {
      let model = try AtomicFolder(at: folder.url.appendingPathComponent("model"))
      try Data("new".utf8).write(to: model.workingURL.appendingPathComponent("file"))
    }()
    #expect(try Data(contentsOf: folder.url.appendingPathComponent("model/file")) == Data("old".utf8))
    #expect(try names() == ["model"])
  }

  @Test(arguments: [false, true])
  func aFolderAppearsWhenItIsCommitted(replacing: Bool) throws {
    if replacing { try folder.write(Data("old".utf8), to: "model/old") }
    let model = try AtomicFolder(at: folder.url.appendingPathComponent("model"))
    try FileManager.default.createDirectory(
      at: model.workingURL.appendingPathComponent("sub"), withIntermediateDirectories: false)
    try Data("new".utf8).write(to: model.workingURL.appendingPathComponent("sub/new"))
    try model.commit()
    #expect(try names() == ["model"])
    #expect(try FileManager.default.contentsOfDirectory(atPath: model.url.path) == ["sub"])
    #expect(try Data(contentsOf: model.url.appendingPathComponent("sub/new")) == Data("new".utf8))
  }

  /// A process that is killed can't tidy up.
  @Test func whatAKilledProcessLeftIsSwept() throws {
    for name in [
      ".file.0A1B2C3D.partial", ".model.0A1B2C3D.partial/file", ".mine", ".my-download.partial",
      "some.partial", "file",
    ] {
      try folder.write(Data("half".utf8), to: name)
    }
    TemporaryName.sweep(folder.url)
    #expect(try names() == [".mine", ".my-download.partial", "file", "some.partial"])
    let working = try AtomicFolder(at: folder.url.appendingPathComponent("model"))
    TemporaryName.sweep(folder.url)
    #expect(!FileManager.default.fileExists(atPath: working.workingURL.path))
  }

  /// What another is just writing is no leftover.
  @Test func whatIsBeingWrittenIsNotSwept() throws {
    for name in [
      ".a\nb.0A1B2C3D.partial", ".a\nb.x.0A1B2C3D.partial", ".other.0A1B2C3D.partial", ".mine.partial",
    ] {
      try folder.write(Data("half".utf8), to: name)
    }
    let url = folder.url.appendingPathComponent("a\nb")
    let file = try AtomicFile(at: url)
    try file.write(Array("whole".utf8))
    TemporaryName.sweepAbandoned(of: url)
    #expect(try names().count == 4)
    TemporaryName.sweepAbandoned(in: folder.url)
    #expect(try names().count == 2)
    try file.commit()
    #expect(try names() == [".mine.partial", "a\nb"])
  }

  @Test func refusalsNameThePathAndTheReason() throws {
    let url = folder.url.appendingPathComponent("missing/file")
    #expect(throws: SystemError("write", url.path, code: ENOENT)) { try AtomicFile(at: url) }
    #expect(throws: SystemError("create the folder", url.path, code: ENOENT)) { try AtomicFolder(at: url) }
    #expect("\(SystemError("write", "/x/y", code: ENOSPC))" == "can't write /x/y: No space left on device")
  }
}
