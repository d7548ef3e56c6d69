import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

/// Files whose names aren't UTF-8 are made, found, moved and removed as any other.
@Suite struct FileSystemTests {
  private let folder: TemporaryFolder
  private static let name = FileName.string([0x63, 0x61, 0x66, 0xE9])

  init() throws { folder = try TemporaryFolder() }

  private func url(_ path: String) -> URL { folder.url.appendingPathComponent(path) }

  private func names(_ path: String = "") throws -> [String] {
    try FileName.list(path.isEmpty ? folder.url.path : url(path).path).sorted()
  }

  @Test func filesAppearUnderTheirNames() throws {
    let file = url(Self.name)
    try AtomicFile.write(Array("one".utf8), to: file)
    try AtomicFile.write(Array("two".utf8), to: file)
    #expect(try FileSystem.data(file) == Data("two".utf8) && names() == [Self.name])
    #expect(
      FileSystem.exists(file) && !FileSystem.isFolder(file) && FileSystem.kind(of: file.path) == S_IFREG)
    #expect(!FileManager.default.fileExists(atPath: file.path), "Foundation knows it by another name")
    var growing = try GrowingFile(at: file)
    try growing.append(Array("!".utf8))
    #expect(try TextFile.read(file) == "two!")
    try AtomicFile.remove(file)
    #expect(try names().isEmpty)
  }

  @Test func foldersAppearUnderTheirNames() throws {
    let target = url("\(Self.name)/in")
    try FolderMaker.make(target.deletingLastPathComponent())
    for text in ["one", "two"] {
      let made = try AtomicFolder(at: target)
      try AtomicFile.write(Array(text.utf8), to: made.workingURL.appendingPathComponent(Self.name))
      try FolderMaker.make(made.workingURL.appendingPathComponent("sub"))
      try made.commit()
    }
    #expect(try names(Self.name) == ["in"] && names("\(Self.name)/in") == [Self.name, "sub"].sorted())
    #expect(try TextFile.read(target.appendingPathComponent(Self.name)) == "two")
    try FileSystem.move(target, to: url("moved"))
    #expect(try names() == [Self.name, "moved"].sorted())
    try FileSystem.remove(url("moved"))
    #expect(try names() == [Self.name])
    #expect(throws: SystemError.self) { try FileSystem.remove(url("moved")) }
  }

  /// What a link leads to is replaced, and stays when the link is removed.
  @Test func linksAreFollowedOnlyForWriting() throws {
    let (link, target) = (url(Self.name), url("target"))
    try folder.write(Data("old".utf8), to: "target")
    try FolderMaker.make(url("full"))
    try folder.write(Data("kept".utf8), to: "full/file")
    #expect(FileName.withSystemPath(link.path) { symlink(target.path, $0) } == 0)
    try AtomicFile.write(Array("new".utf8), to: link)
    #expect(
      try TextFile.read(target) == "new" && FileSystem.kind(of: link.path, followingLinks: false) == S_IFLNK)
    #expect(symlink(url("full").path, url("way").path) == 0)
    try FileSystem.remove(url("way"))
    try FileSystem.remove(link)
    #expect(try names() == ["full", "target"] && names("full") == ["file"])
  }

  @Test func whatWasLeftHalfWrittenIsSwept() throws {
    let run = url(Self.name)
    try FolderMaker.make(run)
    try AtomicFile.write(Array("x".utf8), to: run.appendingPathComponent(".a.01234567.partial"))
    try AtomicFile.write(Array("x".utf8), to: run.appendingPathComponent("b"))
    TemporaryName.sweep(run)
    #expect(try names(Self.name) == ["b"])
  }

  /// A mark that combines with a slash makes it another character for Swift, and not for the system.
  @Test func partsEndAtEachSlash() {
    #expect(FileName.parts("a/../\u{5BD}b") == ["a", "..", "\u{5BD}b"])
    #expect(FileName.parts("/\u{301}x") == ["", "\u{301}x"] && FileName.parts("x") == ["x"])
    #expect(FileName.parts("a\\b/c", separators: ["/", "\\"]) == ["a", "b", "c"])
  }

  @Test func foldersAreMadeAboveDots() throws {
    let folder = URL(fileURLWithPath: url("deep").path + "/a/../\u{5BD}b")
    try FolderMaker.make(folder)
    #expect(try names("deep") == ["\u{5BD}b", "a"].sorted())
  }
}
