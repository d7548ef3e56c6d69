package import Foundation
import VignetteFiles

/// Tells a model from others by its files, without reading all of its weights.
package enum ModelFingerprint {
  /// Larger files are looked at here and there.
  private static let wholeSize = 1 << 20
  private static let sampleCount = 64
  private static let sampleSize = 4096

  /// A hash of the names, sizes and contents of a checkpoint folder's files; of large ones, of samples from front to back.
  /// A model that is copied keeps it, one that is trained on has another.
  ///
  /// - Throws: `SystemError`.
  package static func of(_ folder: URL) throws -> ContentHash {
    var hasher = SHA256Hasher()
    for name in try FileName.list(folder.path).sorted() where isPart(name) {
      let url = folder.appendingPathComponent(name)
      guard FileSystem.kind(of: url.path) == S_IFREG else { continue }
      let file = try MappedFile(at: url)
      hasher.update(Array("\(name)\n\(file.count)\n".utf8))
      for range in samples(of: file.count) { file.withUnsafeBytes(range) { hasher.update($0) } }
    }
    return ContentHash(hasher.finish())
  }

  /// What people keep beside a model doesn't change its captions.
  private static func isPart(_ name: String) -> Bool {
    let extensions = ["json", "txt", "model", "safetensors", "bin", "pt", "pth", "index"]
    guard !name.hasPrefix("."), let dot = name.lastIndex(of: ".") else { return false }
    return extensions.contains(String(name[name.index(after: dot)...]))
  }

  private static func samples(of count: Int) -> [Range<Int>] {
    guard count > wholeSize else { return [0..<count] }
    return (0..<sampleCount).map { index in
      let start = (count - sampleSize) / (sampleCount - 1) * index
      return start..<start + sampleSize
    }
  }
}
