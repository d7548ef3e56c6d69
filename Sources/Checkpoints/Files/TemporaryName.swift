import Foundation

/// Names for things that aren't finished.
package enum TemporaryName {
  private static let ending = ".partial"

  /// A name of its own in the folder of `url`, hidden, and telling what it was meant to become.
  static func beside(_ url: URL) -> URL {
    url.deletingLastPathComponent()
      .appendingPathComponent(".\(url.lastPathComponent).\(UUID().uuidString.prefix(8))\(ending)")
  }

  /// Removes what a process that was killed left half-written in `folder`, whose only writer the caller is.
  package static func sweep(_ folder: URL) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    for name in names where name.hasPrefix(".") && name.hasSuffix(ending) {
      try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
    }
  }
}
