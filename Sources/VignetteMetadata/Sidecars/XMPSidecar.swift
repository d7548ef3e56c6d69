package import Foundation
import VignetteFiles

/// The XMP file of an image, which is merged into and never replaced.
package struct XMPSidecar: Sendable {
  package let url: URL
  /// Whether there is one already.
  package let exists: Bool

  /// Finds an image's XMP file: `photo.jpg.xmp` or `photo.xmp`, whichever there is; of both, the first, which can belong to
  /// no other image.
  ///
  /// - Parameters:
  ///   - folder: where it is looked for.
  ///   - naming: how one that there isn't is named.
  package init(of image: URL, in folder: URL, naming: SidecarNaming) {
    let name = image.lastPathComponent
    for naming in [SidecarNaming.full, .stem] {
      for ending in ["xmp", "XMP"] {
        let file = folder.appendingPathComponent(naming.name(of: name, ending))
        if FileSystem.kind(of: file.path) == S_IFREG {
          (url, exists) = (file, true)
          return
        }
      }
    }
    // Two images can't have one new file.
    let naming = naming == .stem && SidecarNaming.namesake(of: image) != nil ? .full : naming
    (url, exists) = (folder.appendingPathComponent(naming.name(of: name, "xmp")), false)
  }

  /// The caption in the file; nil where it has none, or isn't there.
  ///
  /// - Throws: `SystemError`; `MetadataError` for a file that isn't XMP.
  package func caption() throws -> String? {
    guard exists else { return nil }
    do {
      return try XMPPacket(FileSystem.bytes(url)).caption
    } catch let error as MetadataError {
      throw error.of(url.path)
    }
  }

  /// Sets the caption in the file, all or nothing; everything else in it stays.
  ///
  /// - Throws: `SystemError`; `MetadataError` for a file that isn't XMP, which stays as it is.
  package func write(_ caption: String, _ properties: [XMPProperty] = [.description, .altText]) throws {
    guard exists else {
      try FolderMaker.make(url.deletingLastPathComponent())
      return try AtomicFile.write(try XMPPacket().settingCaption(caption, properties).bytes, to: url)
    }
    try FileRewrite.rewrite(url, maximumBytes: XMLText.maximumBytes) {
      // An empty file is what a killed program leaves behind.
      let packet = $0.isEmpty ? try XMPPacket() : try XMPPacket($0)
      return try packet.settingCaption(caption, properties).bytes
    }
  }
}
