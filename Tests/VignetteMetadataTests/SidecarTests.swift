import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

@testable import VignetteMetadata

@Suite struct SidecarTests {
  private let folder: TemporaryFolder
  private let image: URL

  init() throws {
    folder = try TemporaryFolder()
    image = try folder.write(Data([1]), to: "photo.jpg")
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: folder.url.appendingPathComponent(name), encoding: .utf8)
  }

  @Test(arguments: [(SidecarNaming.full, "photo.jpg.xmp"), (.stem, "photo.xmp")])
  func aSidecarIsMade(naming: SidecarNaming, name: String) throws {
    let sidecar = XMPSidecar(of: image, in: folder.url, naming: naming)
    #expect(!sidecar.exists && sidecar.url.lastPathComponent == name)
    #expect(try sidecar.caption() == nil)
    try sidecar.write("A cat.")
    #expect(try names() == ["photo.jpg", name].sorted())
    #expect(try XMPSidecar(of: image, in: folder.url, naming: .full).caption() == "A cat.")
  }

  /// An existing one is found by either name and merged into, with its permissions.
  @Test(arguments: ["photo.jpg.xmp", "photo.xmp", "photo.XMP"])
  func anExistingOneIsMergedInto(name: String) throws {
    let old = """
      <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
        <rdf:Description xmlns:d="urn:darktable" d:history="a lot"><!-- mine --></rdf:Description>
      </rdf:RDF></x:xmpmeta>
      """
    let file = try folder.write(Data(old.utf8), to: name)
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
    for naming in SidecarNaming.allCases {
      try XMPSidecar(of: image, in: folder.url, naming: naming).write("A \(naming) cat.", [.description])
    }
    let new = try text(name)
    #expect(new.contains("d:history=\"a lot\"><!-- mine -->") && new.contains(">A stem cat.<"))
    #expect(try names() == ["photo.jpg", name].sorted())
    #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int == 0o640)
  }

  @Test func aFileThatIsNoXMPStaysAsItIs() throws {
    try folder.write(Data("not XML".utf8), to: "photo.jpg.xmp")
    let sidecar = XMPSidecar(of: image, in: folder.url, naming: .full)
    let error = #expect(throws: MetadataError.self) { try sidecar.write("A cat.") }
    #expect(error?.description.hasPrefix(sidecar.url.path) == true)
    #expect(throws: MetadataError.self) { try sidecar.caption() }
    #expect(try text("photo.jpg.xmp") == "not XML")
    #expect(try names() == ["photo.jpg", "photo.jpg.xmp"])
  }

  /// Images that differ by their ending alone don't share a new sidecar.
  @Test func namesakesAreTold() throws {
    try folder.write(Data([2]), to: "photo.PNG")
    #expect(XMPSidecar(of: image, in: folder.url, naming: .stem).url.lastPathComponent == "photo.jpg.xmp")
    #expect(TextSidecar.namesake(of: image, naming: .stem) == "photo.PNG")
    #expect(TextSidecar.namesake(of: image, naming: .full) == nil)
  }

  @Test func textsAreOneLine() throws {
    let sidecar = TextSidecar(of: image, in: folder.url, naming: .stem, ending: "txt")
    #expect(try sidecar.caption() == nil)
    try sidecar.write("a cat\non a mat ")
    #expect(try text("photo.txt") == "a cat on a mat\n")
    try sidecar.write("a dog")
    #expect(try sidecar.caption() == "a dog")
    try folder.write(Data(), to: "photo.txt")
    #expect(try sidecar.caption() == nil)
  }

  @Test func foldersAreMirrored() {
    let mirror = SidecarFolder.mirrored(URL(fileURLWithPath: "/out", isDirectory: true))
    #expect(mirror.folder(of: image, named: "holiday/day 1/photo.jpg").path == "/out/holiday/day 1")
    #expect(mirror.folder(of: image, named: "../../etc/photo.jpg").path == "/out/etc")
    #expect(SidecarFolder.beside.folder(of: image, named: "x/photo.jpg").path == folder.url.path)
  }

  // MARK: Writing

  @Test func filesKeepWhatIsTheirs() throws {
    let file = try folder.write(Data(try ImageCase.named("jpeg-420")), to: "a.jpg")
    let link = folder.url.appendingPathComponent("link.jpg")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: file)
    let time = Date(timeIntervalSince1970: 1_000_000_000)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o604, .modificationDate: time], ofItemAtPath: file.path)
    try ImageFileCaption.write("A cat.", to: link, keepsTime: true)
    #expect(try ImageFileCaption.read(file) == "A cat.")
    let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
    #expect(attributes[.posixPermissions] as? Int == 0o604)
    #expect(attributes[.modificationDate] as? Date == time)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link.path) == file.path)
    try ImageFileCaption.write("A dog.", to: file)
    #expect(try FileManager.default.attributesOfItem(atPath: file.path)[.modificationDate] as? Date != time)
    #expect(try names() == ["a.jpg", "link.jpg", "photo.jpg"])
  }

  @Test func anotherProgramsChangeIsNotLost() throws {
    let file = try folder.write(Data("old".utf8), to: "a.txt")
    #expect(throws: MetadataError.self) {
      try FileRewrite.rewrite(file) { bytes in
        try Data("written meanwhile".utf8).write(to: file)
        return bytes + [1]
      }
    }
    #expect(try text("a.txt") == "written meanwhile")
    #expect(try names() == ["a.txt", "photo.jpg"])
  }
}
