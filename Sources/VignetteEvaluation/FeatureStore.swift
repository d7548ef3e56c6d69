import Foundation
import VignetteFiles

/// Rows of bytes, equally long, under fingerprints, in a folder: `rows` and `index`.
///
/// Rows are only ever appended, each with its checksum, and read through a mapping, so that they take no memory
/// of the process. What a killed process left half-written is cut off when the folder is opened again; a row
/// that was damaged later counts as absent.
struct FeatureStore: ~Copyable {
  let folder: URL
  let rowByteCount: Int
  private var rows: GrowingFile
  private var index: GrowingFile
  private var mapped: MappedFile?
  private var entries: [Fingerprint: Entry]

  private struct Entry {
    let row: Int
    let checksum: Fingerprint
  }

  private static let entrySize = 4 * MemoryLayout<UInt64>.size

  /// - Throws: `EvaluationError.featureCache` where another process has the folder; the file system's errors.
  init(at folder: URL, rowByteCount: Int) throws {
    try FolderMaker.make(folder)
    var rows = try GrowingFile(at: folder.appendingPathComponent("rows"))
    var index = try GrowingFile(at: folder.appendingPathComponent("index"))
    guard index.lock() else {
      throw EvaluationError.featureCache(path: folder.path, problem: "is used by another run")
    }
    let count = min(rows.count / rowByteCount, index.count / Self.entrySize)
    try rows.truncate(to: count * rowByteCount)
    try index.truncate(to: count * Self.entrySize)
    entries = Self.entries(in: try MappedFile(at: index.url), count: count)
    self.folder = folder
    self.rowByteCount = rowByteCount
    self.rows = rows
    self.index = index
  }

  private static func entries(in index: MappedFile, count: Int) -> [Fingerprint: Entry] {
    var entries: [Fingerprint: Entry] = [:]
    for row in 0..<count {
      let words = (0..<4).map {
        UInt64(
          littleEndian: index.bytes.loadUnaligned(fromByteOffset: row * entrySize + 8 * $0, as: UInt64.self))
      }
      entries[Fingerprint(high: words[0], low: words[1])] = Entry(
        row: row, checksum: Fingerprint(high: words[2], low: words[3]))
    }
    return entries
  }

  /// How many rows there are.
  var count: Int { entries.count }

  func contains(_ key: Fingerprint) -> Bool { entries[key] != nil }

  /// Appends a row.
  mutating func append(_ bytes: UnsafeRawBufferPointer, for key: Fingerprint) throws {
    precondition(bytes.count == rowByteCount, "a row of \(rowByteCount) bytes is expected")
    let checksum = Fingerprint(bytes)
    let row = rows.count / rowByteCount
    try rows.append(bytes)
    let words = [key.high, key.low, checksum.high, checksum.low].map(\.littleEndian)
    try index.append(words.withUnsafeBytes { Array($0) })
    entries[key] = Entry(row: row, checksum: checksum)
  }

  /// Copies a row; false where there is none, or none that is whole.
  mutating func copy(_ key: Fingerprint, into target: UnsafeMutableRawBufferPointer) throws -> Bool {
    guard let entry = entries[key] else { return false }
    let range = entry.row * rowByteCount..<(entry.row + 1) * rowByteCount
    // The mapping is as long as the file was; it is made anew where it no longer suffices.
    if mapped.map({ $0.count < range.upperBound }) ?? true { mapped = try MappedFile(at: rows.url) }
    guard let mapped, mapped.count >= range.upperBound else { return false }
    mapped.withUnsafeBytes(range) { target.copyMemory(from: $0) }
    let isWhole = Fingerprint(UnsafeRawBufferPointer(target)) == entry.checksum
    if !isWhole { entries[key] = nil }
    return isWhole
  }
}

/// 128 bits by which bytes are recognised again: the first half of their SHA-256.
struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
  let high: UInt64
  let low: UInt64

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  init(_ bytes: UnsafeRawBufferPointer) {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    (high, low) = hasher.finish().digest.withUnsafeBytes { digest in
      (digest.loadUnaligned(as: UInt64.self), digest.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
  }

  init(_ bytes: some ContiguousBytes) { self = bytes.withUnsafeBytes { Fingerprint($0) } }

  /// The fingerprint of several, in their order.
  init(_ parts: [Fingerprint]) {
    self = parts.flatMap { [$0.high, $0.low] }.withUnsafeBytes { Fingerprint($0) }
  }

  var description: String { [high, low].map { String(format: "%016lx", $0) }.joined() }
}
