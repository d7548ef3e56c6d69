import Foundation
import VignetteFiles

/// The names in a folder, sorted by their bytes, hidden ones left out. However many there are, only some are in memory: the
/// others wait in a file, sorted piece by piece.
struct FolderNames {
  /// A name as the system has it, and what it is the name of, as far as the folder says.
  struct Entry: Sendable {
    let name: [UInt8]
    /// A type of `readdir`'s, such as `DT_DIR`.
    let type: UInt8

    static func precedes(_ left: Entry, _ right: Entry) -> Bool {
      left.name.withUnsafeBufferPointer { left in
        right.name.withUnsafeBufferPointer { right in
          let count = min(left.count, right.count)
          guard count > 0, let first = left.baseAddress, let second = right.baseAddress else {
            return left.count < right.count
          }
          let order = memcmp(first, second, count)
          return order == 0 ? left.count < right.count : order < 0
        }
      }
    }
  }

  private var inMemory: ArraySlice<Entry> = []
  private var runs: [SortedRun] = []

  /// - Parameter limit: how many names are held in memory.
  /// - Throws: `SystemError`.
  init(of folder: String, limit: Int = 1 << 16) throws {
    guard let stream = FileName.withSystemPath(folder, { opendir($0) }) else {
      throw SystemError("read", folder)
    }
    defer { closedir(stream) }
    var entries: [Entry] = []
    var spill: Spill?
    while let entry = try Self.next(stream, folder) {
      entries.append(entry)
      guard entries.count >= limit else { continue }
      if spill == nil { spill = try Spill() }
      entries.sort(by: Entry.precedes)
      try spill?.add(entries)
      entries.removeAll(keepingCapacity: true)
    }
    entries.sort(by: Entry.precedes)
    guard let spill else {
      inMemory = entries[...]
      return
    }
    try spill.add(entries)
    runs = try spill.finished()
  }

  /// The next name; nil after the last.
  ///
  /// - Throws: `SystemError`.
  mutating func next() throws -> Entry? {
    if runs.isEmpty { return inMemory.popFirst() }
    // A few runs at most: a look at each is quick.
    var first: Int?
    for index in runs.indices {
      guard let entry = runs[index].head else { continue }
      if let other = first.flatMap({ runs[$0].head }), !Entry.precedes(entry, other) { continue }
      first = index
    }
    guard let first else { return nil }
    return try runs[first].pop()
  }

  private static func next(_ stream: OpaquePointer, _ folder: String) throws -> Entry? {
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw SystemError("read", folder) }
        return nil
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: UInt8.self, capacity: MemoryLayout.size(ofValue: name.pointee)) {
          Array(
            UnsafeBufferPointer(
              start: $0, count: strlen(UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))))
        }
      }
      if name.first != UInt8(ascii: ".") { return Entry(name: name, type: entry.pointee.d_type) }
    }
  }
}

/// A file without a name that holds sorted runs of names.
private final class Spill {
  private var file: GrowingFile
  private var starts: [Int] = []

  init() throws {
    file = try GrowingFile.withoutName()
  }

  func add(_ entries: [FolderNames.Entry]) throws {
    guard !entries.isEmpty else { return }
    starts.append(file.count)
    var writer = RecordWriter()
    for entry in entries {
      writer.append(entry.type)
      writer.append(text: entry.name)
    }
    try file.append(writer.bytes)
  }

  func finished() throws -> [SortedRun] {
    let ends = starts.dropFirst() + [file.count]
    return try zip(starts, ends).map { try SortedRun(self, $0..<$1) }
  }

  func bytes(at offset: Int, count: Int) throws -> [UInt8] { try file.bytes(at: offset, count: count) }
}

/// A part of a spill, from front to back.
private struct SortedRun {
  private let spill: Spill
  private var range: Range<Int>
  private var chunk: ArraySlice<UInt8> = []
  private(set) var head: FolderNames.Entry?

  private static let chunkSize = 1 << 15

  init(_ spill: Spill, _ range: Range<Int>) throws {
    self.spill = spill
    self.range = range
    head = try read()
  }

  mutating func pop() throws -> FolderNames.Entry? {
    let entry = head
    head = try read()
    return entry
  }

  private mutating func read() throws -> FolderNames.Entry? {
    guard let start = try take(5) else { return nil }
    let count = start.dropFirst().reversed().reduce(0) { $0 << 8 | Int($1) }
    guard let type = start.first, let name = try take(count) else { return nil }
    return FolderNames.Entry(name: Array(name), type: type)
  }

  private mutating func take(_ count: Int) throws -> ArraySlice<UInt8>? {
    if chunk.count < count {
      let wanted = min(max(count - chunk.count, Self.chunkSize), range.count)
      chunk += try spill.bytes(at: range.lowerBound, count: wanted)
      range = range.lowerBound + wanted..<range.upperBound
    }
    guard chunk.count >= count else { return nil }
    defer { chunk = chunk.dropFirst(count) }
    return chunk.prefix(count)
  }
}
