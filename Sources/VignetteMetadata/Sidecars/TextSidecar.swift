package import Foundation
import VignetteFiles

/// The text file of an image, with its caption on one line: what programs that train on images read.
package struct TextSidecar: Sendable {
  package let url: URL

  /// - Parameters:
  ///   - folder: where it is.
  ///   - ending: of its name, such as "txt".
  package init(of image: URL, in folder: URL, naming: SidecarNaming, ending: String) {
    url = folder.appendingPathComponent(naming.name(of: image.lastPathComponent, ending))
  }

  /// Another image that would have the same file; nil where there is none.
  package static func namesake(of image: URL, naming: SidecarNaming) -> String? {
    naming == .stem ? SidecarNaming.namesake(of: image) : nil
  }

  /// The caption in the file, its lines joined; nil where it has none, or isn't there.
  ///
  /// - Throws: `SystemError`; `FileError` for what is no text in UTF-8.
  package func caption() throws -> String? {
    guard FileSystem.exists(url) else { return nil }
    let text = Self.line(try TextFile.read(url))
    return text.isEmpty ? nil : text
  }

  /// Writes the caption, all or nothing.
  ///
  /// - Throws: `SystemError`.
  package func write(_ caption: String) throws {
    let bytes = Array("\(Self.line(caption))\n".utf8)
    guard FileSystem.exists(url) else {
      try FolderMaker.make(url.deletingLastPathComponent())
      return try AtomicFile.write(bytes, to: url)
    }
    try FileRewrite.rewrite(url) { _ in bytes }
  }

  private static func line(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { String($0).trimmed }.filter { !$0.isEmpty }.joined(
      separator: " ")
  }
}
