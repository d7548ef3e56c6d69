import Foundation
import Testing
import VignetteFiles

@testable import VignetteMetadata

/// The writer for `Tests/Clients/metadata.py`, which compares other programs' reading of files before and after.
@Suite struct MetadataFolderTests {
  private static let folder = ProcessInfo.processInfo.environment["VIGNETTE_METADATA_FOLDER"]

  /// Writes the text of `caption.txt` into all files beside it: XMP files are merged into, images get it embedded.
  @Test(.enabled(if: folder != nil)) func aFolderGetsACaption() throws {
    let folder = URL(fileURLWithPath: try #require(Self.folder), isDirectory: true)
    let caption = try TextFile.read(folder.appendingPathComponent("caption.txt"))
    for name in try FileName.list(folder.path) where name != "caption.txt" {
      let file = folder.appendingPathComponent(name)
      if name.hasSuffix(".xmp") {
        try XMPSidecar(of: file.deletingPathExtension(), in: folder, naming: .full).write(caption)
      } else {
        try ImageFileCaption.write(caption, to: file)
      }
    }
  }
}
