package import Foundation
package import VignetteFiles

/// An image of a job: a file, or a member of an archive.
package struct LibraryImage: Sendable, Hashable {
  /// What rows and messages call it, and what it is told from other images by: the path as it was given or found, `/`
  /// between folders, in the spelling of `FileName`, whose ``nameBytes`` are the system's.
  package let name: String
  package let location: Location

  package enum Location: Sendable, Hashable {
    /// The file that ``name`` is the path of.
    case file
    /// Bytes of the archive at a path.
    case member(archive: String, offset: Int, count: Int)
  }

  package init(name: String, location: Location) {
    self.name = name
    self.location = location
  }

  /// An image file, by its path.
  package init(file name: String) { self.init(name: name, location: .file) }

  /// The name as the system has it.
  package var nameBytes: [UInt8] { FileName.bytes(name) }

  /// The image's own file; nil for a member of an archive, which has none to write beside or into.
  package var file: URL? { location == .file ? FileName.url(name, isFolder: false) : nil }
}

/// The first half of the SHA-256 of an image file's bytes: equal bytes have equal hashes, and no others that anybody will
/// find.
package struct ContentHash: Sendable, Hashable, CustomStringConvertible {
  package static let byteCount = 16

  private let high: UInt64
  private let low: UInt64

  package init(_ bytes: some ContiguousBytes) { self.init(SHA256Sum(bytes)) }

  package init(_ sum: SHA256Sum) {
    // A digest has 32 bytes.
    high = sum.digest[..<8].reduce(0) { $0 << 8 | UInt64($1) }
    low = sum.digest[8..<16].reduce(0) { $0 << 8 | UInt64($1) }
  }

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Both halves, for writing.
  var words: (high: UInt64, low: UInt64) { (high, low) }

  /// 32 hexadecimal digits.
  package var description: String {
    [high, low].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }
}
