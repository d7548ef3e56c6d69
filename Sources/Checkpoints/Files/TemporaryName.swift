import Foundation

/// Names for things that aren't finished.
enum TemporaryName {
  /// A name of its own in the folder of `url`, hidden, and telling what it was meant to become.
  static func beside(_ url: URL) -> URL {
    url.deletingLastPathComponent()
      .appendingPathComponent(".\(url.lastPathComponent).\(UUID().uuidString.prefix(8)).partial")
  }
}
