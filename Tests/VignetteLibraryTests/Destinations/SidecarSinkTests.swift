import Foundation
import Testing
import VignetteFiles
import VignetteImages
import VignetteMetadata
import VignetteTestSupport

@testable import VignetteLibrary

@Suite struct SidecarSinkTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let image = RGBImage(width: 3, height: 2, pixels: [UInt8](repeating: 90, count: 18))
    try folder.write(Data(try PNGEncoder.encode(image)), to: "photos/day/a.png")
  }

  private var root: String { folder.url.appendingPathComponent("photos").path }
  private var image: LibraryImage { LibraryImage(file: "\(root)/day/a.png") }

  private func record(_ text: String, of image: LibraryImage? = nil) -> CaptionRecord {
    CaptionRecord(
      image: image ?? self.image, contentHash: nil,
      outcome: .captions([RecordedCaption(text: text, score: -1)]))
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOf: folder.url.appendingPathComponent(path), encoding: .utf8)
  }

  @Test func textsStandBesideImages() throws {
    let sink = TextSidecars(SidecarPlaces(folder: nil, naming: .stem, roots: [root]), ending: "txt")
    try sink.prepare()
    #expect(try sink.existing(image) == nil)
    try sink.receive(CaptionRecord(image: image, contentHash: nil, outcome: .failure("none")))
    #expect(try sink.existing(image) == nil)
    try sink.receive(record("a cat"))
    try sink.receive(record("a dog"))
    #expect(try text("photos/day/a.txt") == "a dog\n")
    #expect(try sink.existing(image) == .caption("a dog"))
  }

  @Test func foldersAreMirroredFromTheOneThatWasGiven() throws {
    let out = folder.url.appendingPathComponent("out")
    let sink = XMPSidecars(SidecarPlaces(folder: out, naming: .full, roots: [root + "/"]))
    try sink.prepare()
    try sink.receive(record("a cat"))
    #expect(try text("out/day/a.png.xmp").contains(">a cat</rdf:li>"))
    // Of several, each has a folder of its name.
    let other = folder.url.appendingPathComponent("other").path
    try FolderMaker.make(URL(fileURLWithPath: other))
    let text = TextSidecars(
      SidecarPlaces(folder: out, naming: .stem, roots: [root, other]), ending: "caption")
    try text.receive(record("a cat"))
    #expect(try self.text("out/photos/day/a.caption") == "a cat\n")
    let member = LibraryImage(name: "b/c.jpg", location: .member(archive: "x.tar", offset: 0, count: 1))
    #expect(throws: ImageFailure.self) {
      try TextSidecars(SidecarPlaces(folder: nil, naming: .stem, roots: []), ending: "txt").receive(
        record("x", of: member))
    }
  }

  @Test func captionsAreEmbedded() throws {
    let sink = EmbeddedCaptions()
    #expect(sink.changesImages)
    #expect(try sink.existing(image) == nil)
    try sink.receive(record("a cat"))
    #expect(try sink.existing(image) == .caption("a cat"))
    let gif = try folder.write(Data("GIF89a".utf8), to: "photos/b.gif")
    #expect(throws: ImageFailure.self) { try sink.receive(record("x", of: LibraryImage(file: gif.path))) }
    let gone = LibraryImage(file: "\(root)/gone.png")
    #expect(throws: ImageFailure.self) { try sink.receive(record("x", of: gone)) }
  }

  /// One image's trouble isn't the job's: a file that isn't XMP, and two images for one text.
  @Test func troubleIsTheImages() throws {
    try folder.write(Data("no XML".utf8), to: "photos/day/a.png.xmp")
    let places = SidecarPlaces(folder: nil, naming: .stem, roots: [root])
    let xmp = XMPSidecars(places)
    #expect(try xmp.existing(image) == nil)
    let error = #expect(throws: ImageFailure.self) { try xmp.receive(record("a cat")) }
    #expect(error?.reason.contains("a.png.xmp: its XMP is not well-formed XML: line 1") == true)
    try folder.write(Data([1]), to: "photos/day/a.jpg")
    let text = TextSidecars(places, ending: "txt")
    let clash = #expect(throws: ImageFailure.self) { try text.receive(record("a cat")) }
    #expect(
      clash?.reason
        == "would share its sidecar with a.jpg: give them names of their own with `sidecar_names=full`")
  }

  @Test func aPlaceThatIsNoFolderIsToldBefore() throws {
    let file = try folder.write(Data(), to: "file")
    let sink = XMPSidecars(SidecarPlaces(folder: file.appendingPathComponent("x"), naming: .full, roots: []))
    #expect(throws: SystemError.self) { try sink.prepare() }
  }
}
