import Checkpoints
import Foundation
import TestSupport
import Testing

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
    for name in [".file.0A1B2C3D.partial", ".model.0A1B2C3D.partial/file", ".mine", "some.partial", "file"] {
      try folder.write(Data("half".utf8), to: name)
    }
    TemporaryName.sweep(folder.url)
    #expect(try names() == [".mine", "file", "some.partial"])
    let working = try AtomicFolder(at: folder.url.appendingPathComponent("model"))
    TemporaryName.sweep(folder.url)
    #expect(!FileManager.default.fileExists(atPath: working.workingURL.path))
  }

  @Test func refusalsNameThePathAndTheReason() throws {
    let url = folder.url.appendingPathComponent("missing/file")
    #expect(throws: SystemError("write", url.path, code: ENOENT)) { try AtomicFile(at: url) }
    #expect(throws: SystemError("create the folder", url.path, code: ENOENT)) { try AtomicFolder(at: url) }
    #expect("\(SystemError("write", "/x/y", code: ENOSPC))" == "can't write /x/y: No space left on device")
  }
}
