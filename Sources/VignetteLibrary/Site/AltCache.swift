package import Foundation
import VignetteFiles

/// Captions of earlier runs, by the contents of the image files: a site that is built again costs no model.
///
/// A file of lines of JSON that grows. Lines that can't be read are skipped: they cost a caption.
package final class AltCache {
  /// What a caption depends on.
  package struct Key: Hashable, Sendable {
    let image: String
    let settings: String

    /// - Parameters:
    ///   - image: the image file.
    ///   - settings: the model and the options, in any words.
    /// - Throws: `SystemError`, `FileError` where the file can't be read.
    package init(image: URL, settings: String) throws {
      self.image = try SHA256Sum(contentsOf: image).description
      self.settings = String(SHA256Sum(Array(settings.utf8)).description.prefix(16))
    }
  }

  package struct Entry: Sendable, Hashable {
    package let text: String
    package let score: Float?

    package init(text: String, score: Float?) {
      self.text = text
      self.score = score
    }
  }

  package let url: URL
  private var entries: [Key: Entry] = [:]

  /// Reads the file, if there is one.
  ///
  /// - Throws: `SystemError` where it can't be read.
  package init(at url: URL) throws {
    self.url = url
    guard FileSystem.exists(url) else { return }
    let file = try MappedFile(at: url)
    file.withUnsafeBytes(0..<file.count) { bytes in
      for line in bytes.split(separator: UInt8(ascii: "\n")) { add(line: Array(line)) }
    }
  }

  private func add(line: [UInt8]) {
    guard let value = try? JSONValue(parsing: line, file: url.path), let image = value["image"]?.asString,
      let settings = value["settings"]?.asString, let text = value["caption"]?.asString
    else { return }
    let score = value["score"]?.asNumber.map { Float($0) }
    entries[Key(image: image, settings: settings)] = Entry(text: text, score: score)
  }

  package subscript(key: Key) -> Entry? { entries[key] }

  /// Keeps a caption, also for later runs.
  ///
  /// - Throws: `SystemError`.
  package func add(_ entry: Entry, for key: Key) throws {
    entries[key] = entry
    try FolderMaker.make(url.deletingLastPathComponent())
    let object: JSONValue = [
      "image": .string(key.image), "settings": .string(key.settings), "caption": .string(entry.text),
      "score": entry.score.flatMap { Double("\($0)") }.map { .double($0) } ?? .null,
    ]
    // A line break in front ends what a killed process may have left.
    var file = try GrowingFile(at: url)
    try file.append(Array("\n\(object.text(.oneLine))\n".utf8))
  }
}

extension AltCache.Key {
  fileprivate init(image: String, settings: String) {
    self.image = image
    self.settings = settings
  }
}
