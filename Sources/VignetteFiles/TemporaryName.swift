package import Foundation

/// Names for things that aren't finished.
package enum TemporaryName {
  /// A name of its own in the folder of `url`, hidden, and telling what it was meant to become.
  package static func beside(_ url: URL) -> URL {
    url.deletingLastPathComponent()
      .appendingPathComponent(".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).partial")
  }

  /// Removes what a process that was killed left half-written in `folder`, whose only writer the caller is.
  package static func sweep(_ folder: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    // Other programs may have hidden files of that ending, too.
    for name in names where name.wholeMatch(of: /\..+\.[0-9A-F]{8}\.partial/) != nil {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
  }
}
