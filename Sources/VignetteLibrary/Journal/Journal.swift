import Foundation
import Synchronization
import VignetteFiles

/// What a job has done, in a file that only grows, so that a job that is killed goes on where it was, and the next one knows
/// what is left to do.
///
/// A record is its length, a checksum and a payload: an entry, which comes before the image's captions go anywhere else, or
/// a mark that all entries before it have reached the outputs. A record that was cut off by the process's end is dropped. The
/// last entry of an image counts. In memory there are two tables of offsets, by name and by content, of about ten bytes
/// an image each.
final class Journal: Sendable {
  /// Nil for one that is kept while the process runs only.
  let url: URL?
  /// What messages call it: the output that it belongs to, which people know, as they don't know a hidden file.
  private let subject: String?
  private let state: Mutex<State>

  private static let magic = Array("Vignette captions, journal 1\n".utf8)
  private static let headSize = 8
  /// Longer ones aren't written.
  private static let maximumRecord = 1 << 26

  private struct State: ~Copyable {
    var file: GrowingFile
    var names = OffsetTable()
    var contents = OffsetTable()
    /// Entries before it have reached the outputs.
    var deliveredEnd = 0
    /// Entries that later ones have replaced.
    var deadCount = 0
  }

  /// Opens the journal, or begins one.
  ///
  /// - Parameters:
  ///   - url: nil for one that nobody goes on with.
  ///   - output: what messages call it; its folder if nil.
  /// - Throws: `SystemError`, and `FileError` where the file is none, or another job has it.
  init(at url: URL?, of output: String? = nil) throws {
    self.url = url
    let subject = output ?? url?.deletingLastPathComponent().path
    self.subject = subject
    state = try SystemError.naming(subject) {
      var state = State(file: try Self.open(url, subject))
      let start = try state.file.bytes(at: 0, count: Self.magic.count)
      guard Self.magic.starts(with: start) else {
        throw FileError(state.file.url.path, "is no journal of captions; it is in the way of one")
      }
      if start.count < Self.magic.count {
        try state.file.truncate()
        try state.file.append(Self.magic)
      } else {
        try Self.scan(&state)
      }
      return Mutex(state)
    }
  }

  private static func open(_ url: URL?, _ subject: String?) throws -> GrowingFile {
    guard let url else {
      return try GrowingFile.withoutName()
    }
    TemporaryName.sweepAbandoned(of: url)
    while true {
      let file = try GrowingFile(at: url)
      guard waitForLock(file) else {
        throw FileError(subject ?? url.path, "another job is writing these captions")
      }
      // Another job may have put a shorter one in its place just now.
      if file.hasItsName { return file }
    }
  }

  /// False where another job has the file for two seconds: a program that this process is just starting holds, until it
  /// has started, all that was open here, a journal that is closed by now among it.
  private static func waitForLock(_ file: borrowing GrowingFile) -> Bool {
    for _ in 0..<40 {
      if file.lock() { return true }
      usleep(50_000)
    }
    return false
  }

  // MARK: Reading

  /// The entry of an image, and whether the outputs have it.
  func entry(named name: String) throws -> (entry: JournalEntry, isDelivered: Bool)? {
    let bytes = FileName.bytes(name)
    return try state.withLock { state in
      let offset = try state.names.offset(hash: OffsetTable.hash(bytes)) {
        try Self.isEntry(at: $0, of: bytes, in: state.file)
      }
      guard let offset else { return nil }
      guard let entry = try Self.entry(at: offset, in: state.file) else { return nil }
      return (entry, offset < state.deliveredEnd && !entry.isPending)
    }
  }

  /// What the model said of an image of these bytes.
  func captions(of content: ContentHash, _ captionKey: ContentHash) throws -> [RecordedCaption]? {
    try state.withLock { state in
      let offset = try state.contents.offset(hash: Self.hash(content, captionKey)) { offset in
        guard let entry = try Self.entry(at: offset, in: state.file) else { return false }
        return entry.contentHash == content && entry.captionKey == captionKey
      }
      guard let offset, case .captions(let captions)? = try Self.entry(at: offset, in: state.file)?.outcome
      else { return nil }
      return captions
    }
  }

  // MARK: Writing

  /// Notes what became of an image.
  func append(_ entry: JournalEntry) throws {
    let bytes = entry.bytes
    guard bytes.count <= Self.maximumRecord else {
      throw FileError(entry.name, "a caption of \(ByteCount(bytes.count)) is too long")
    }
    try SystemError.naming(subject) {
      try state.withLock { state in
        let offset = state.file.count
        try state.file.append(Self.framed(bytes))
        try Self.note(entry, at: offset, &state)
      }
    }
  }

  /// Notes that all entries so far have reached the outputs.
  func markDelivered() throws {
    try SystemError.naming(subject) {
      try state.withLock { state in
        try state.file.append(Self.framed([]))
        state.deliveredEnd = state.file.count
      }
    }
  }

  /// Makes it durable, and short where most of it is out of date.
  func finish() throws {
    try SystemError.naming(subject) {
      try state.withLock { state in
        guard let url else { return }
        if state.deadCount > state.names.count { try Self.compact(&state, at: url) }
        try state.file.sync()
      }
    }
  }

  /// Takes the file away if it says nothing, as where a job couldn't begin.
  func removeIfEmpty() {
    guard let url, state.withLock({ $0.file.count == Self.magic.count }) else { return }
    try? AtomicFile.remove(url)
  }

  // MARK: Records

  private static func framed(_ payload: [UInt8]) -> [UInt8] {
    var writer = RecordWriter()
    writer.append(UInt32(payload.count))
    writer.append(checksum(payload))
    return writer.bytes + payload
  }

  private static func checksum(_ payload: some ContiguousBytes) -> UInt32 {
    UInt32(truncatingIfNeeded: ContentHash(payload).words.high)
  }

  private static func hash(_ content: ContentHash, _ captionKey: ContentHash) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(content)
    hasher.combine(captionKey)
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  /// The payload of the record at `offset`; nil where none is whole there.
  private static func payload(at offset: Int, in file: borrowing GrowingFile) throws -> [UInt8]? {
    // Most records fit.
    let start = try file.bytes(at: offset, count: 512)
    guard let (count, sum) = head(start), count <= maximumRecord else { return nil }
    var bytes = start
    if bytes.count < headSize + count { bytes = try file.bytes(at: offset, count: headSize + count) }
    guard bytes.count >= headSize + count else { return nil }
    let payload = Array(bytes[headSize..<headSize + count])
    return checksum(payload) == sum ? payload : nil
  }

  private static func head(_ bytes: [UInt8]) -> (count: Int, checksum: UInt32)? {
    bytes.withUnsafeBytes { bytes in
      guard var cursor = try? ByteCursor(bytes), let count = try? cursor.count(UInt32.self),
        let sum = try? cursor.integer(UInt32.self)
      else { return nil }
      return (count, sum)
    }
  }

  private static func entry(at offset: Int, in file: borrowing GrowingFile) throws -> JournalEntry? {
    try payload(at: offset, in: file)?.withUnsafeBytes { try? JournalEntry($0) }
  }

  private static func slot(of name: [UInt8], in state: borrowing State) throws -> Int? {
    try state.names.slot(hash: OffsetTable.hash(name)) { try isEntry(at: $0, of: name, in: state.file) }
  }

  private static func slot(
    of content: ContentHash, _ captionKey: ContentHash, in state: borrowing State
  ) throws -> Int? {
    try state.contents.slot(hash: hash(content, captionKey)) { offset in
      guard let entry = try entry(at: offset, in: state.file) else { return false }
      return entry.contentHash == content && entry.captionKey == captionKey
    }
  }

  private static func isEntry(
    at offset: Int, of name: [UInt8], in file: borrowing GrowingFile
  ) throws -> Bool {
    try payload(at: offset, in: file)?.withUnsafeBytes { JournalEntry.isEntry($0, of: name) } ?? false
  }

  /// Puts an entry into the tables.
  private static func note(_ entry: JournalEntry, at offset: Int, _ state: inout State) throws {
    let name = FileName.bytes(entry.name)
    let slot = try slot(of: name, in: state)
    if slot != nil { state.deadCount += 1 }
    try state.names.set(offset, hash: OffsetTable.hash(name), slot: slot)
    guard case .captions = entry.outcome, let content = entry.contentHash else { return }
    guard try Self.slot(of: content, entry.captionKey, in: state) == nil else { return }
    try state.contents.set(offset, hash: hash(content, entry.captionKey), slot: nil)
  }

  // MARK: The whole file

  /// Reads the file from front to back into the tables, and cuts off what isn't whole.
  private static func scan(_ state: inout State) throws {
    var reader = ChunkReader(at: magic.count)
    // Entries since the last mark.
    var unmarked: [String] = []
    while true {
      let offset = reader.offset
      guard let (count, sum) = head(try reader.peek(headSize, in: state.file)), count <= maximumRecord else {
        break
      }
      let record = try reader.peek(headSize + count, in: state.file)
      guard record.count == headSize + count, checksum(Array(record[headSize...])) == sum else { break }
      reader.skip(record.count)
      if count == 0 {
        state.deliveredEnd = reader.offset
        unmarked = []
      } else if let entry = record[headSize...].withUnsafeBytes({ try? JournalEntry($0) }) {
        try note(entry, at: offset, &state)
        unmarked.append(entry.name)
      } else {
        break
      }
    }
    if reader.offset < state.file.count { try state.file.truncate(to: reader.offset) }
    for name in unmarked { try keepPending(name, &state) }
  }

  /// Notes anew, before other entries are marked, that an image's record may not have reached the outputs.
  private static func keepPending(_ name: String, _ state: inout State) throws {
    let bytes = FileName.bytes(name)
    let offset = try state.names.offset(hash: OffsetTable.hash(bytes)) {
      try isEntry(at: $0, of: bytes, in: state.file)
    }
    guard let offset, var entry = try entry(at: offset, in: state.file), !entry.isPending else { return }
    entry.isPending = true
    let end = state.file.count
    try state.file.append(framed(entry.bytes))
    try note(entry, at: end, &state)
  }

  /// Writes the entries that count into a new file, which takes this one's place.
  private static func compact(_ state: inout State, at url: URL) throws {
    let file = try AtomicFile(at: url)
    try file.write(magic)
    var reader = ChunkReader(at: magic.count)
    while reader.offset < state.file.count, let (count, _) = head(try reader.peek(headSize, in: state.file)) {
      let record = try reader.peek(headSize + count, in: state.file)
      let offset = reader.offset
      reader.skip(record.count)
      guard count > 0, let entry = record[headSize...].withUnsafeBytes({ try? JournalEntry($0) }) else {
        continue
      }
      let name = FileName.bytes(entry.name)
      let latest = try state.names.offset(hash: OffsetTable.hash(name)) {
        try isEntry(at: $0, of: name, in: state.file)
      }
      if latest == offset { try file.write(record) }
    }
    try file.write(framed([]))
    try file.commit()
  }
}
