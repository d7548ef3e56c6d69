package import Foundation
import VignetteFiles

/// The caption inside an image file on the disk.
package enum ImageFileCaption {
  /// The caption that a file has; nil where there is none, or where its format can hold none.
  ///
  /// - Throws: `SystemError` for a file that can't be read.
  package static func read(_ url: URL) throws -> String? {
    let file = try MappedFile(at: url)
    return file.withUnsafeBytes(0..<file.count) { try? MetadataExcerpt.caption(in: $0) }
  }

  /// Writes a caption into a file, all or nothing.
  ///
  /// - Throws: `SystemError`; `MetadataError` for a file that is damaged, or of a format that holds no caption.
  package static func write(
    _ caption: String, to url: URL, _ options: EmbeddingOptions = EmbeddingOptions(), keepsTime: Bool = false
  ) throws {
    try FileRewrite.rewrite(url, keepsTime: keepsTime) {
      try EmbeddedCaption.write(caption, into: $0, options)
    }
  }
}
