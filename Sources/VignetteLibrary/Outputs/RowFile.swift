package import Foundation
import VignetteFiles

/// A file of rows, one an image, that grows while a job goes on.
///
/// Rows are added at the end. Of several rows of an image the last counts, and ``finish()`` drops the others. A row that the
/// process's end has cut off is dropped when the file is opened again. Where the rows stand is remembered in about ten bytes a row.
package final class RowFile: CaptionSink {
  private let url: URL
  private let format: any RowFormat
  private var file: RowStorage?
  private var rows = OffsetTable()
  /// Rows that wait to be written, behind the file's end.
  private var buffer: [UInt8] = []
  private var deadCount = 0

  /// Longer rows are none.
  private static let maximumRow = 1 << 26
  private static let bufferSize = 1 << 16

  package init(at url: URL, format: any RowFormat) {
    self.url = url
    self.format = format
  }

  // MARK: Opening

  package func prepare() throws {
    if let kind = FileSystem.kind(of: url.path), kind != S_IFREG {
      throw kind == S_IFDIR
        ? SystemError("write", url.path, code: EISDIR)
        : FileError(url.path, "is a pipe or a device, which can't be gone on with")
    }
    TemporaryName.sweepAbandoned(of: url)
    let file = RowStorage(try GrowingFile(at: url))
    // Whether there is room, and whether another file can take this one's place at the end.
    try AtomicFile(at: url).write([UInt8](repeating: 0, count: 4096))
    self.file = file
    try scan(file)
    if file.count == 0, !format.header.isEmpty { try file.append(format.header) }
  }

  /// Finds the rows, and cuts off what the last one lacks its end of.
  private func scan(_ file: RowStorage) throws {
    var (reader, line) = (ChunkReader(at: 0), 1)
    if file.count > 0, !format.header.isEmpty {
      let header = format.header
      guard try file.peek(&reader, header.count) == header else {
        // A header that was cut off.
        if try header.starts(with: file.peek(&reader, header.count)) { return try file.truncate(to: 0) }
        let names = String(decoding: header.dropLast(), as: UTF8.self)
        throw FileError(url.path, "doesn't begin with the columns \(names), so captions can't be added to it")
      }
      reader.skip(header.count)
      line += 1
    }
    while reader.offset < file.count {
      let offset = reader.offset
      let length = try file.first(&reader, limit: Self.maximumRow) { bytes in
        guard let length = format.end(ofRowIn: bytes) else { return nil as Int? }
        try note(UnsafeRawBufferPointer(rebasing: bytes[..<length]), at: offset, line: line, file)
        return length
      }
      guard let length else { return try endTorn(file, from: offset, line: line) }
      reader.skip(length)
      line += 1
    }
  }

  /// Deals with a last line that has no end: whole, it gets one; else it goes.
  private func endTorn(_ file: RowStorage, from offset: Int, line: Int) throws {
    guard file.count - offset < Self.maximumRow else {
      throw FileError("\(url.path):\(line)", "is too long for a row")
    }
    let bytes = try file.bytes(at: offset, count: file.count - offset)
    let row = bytes.withUnsafeBytes { try? format.read($0) }
    guard !isOpenQuote(bytes) else {
      throw FileError(
        "\(url.path):\(line)", "has a quote that isn't closed, so that what follows can't be told")
    }
    // A CSV row of fewer characters looks as whole; its own process would have ended it.
    if row != nil, !(format is CSVFormat), !(format is TextFormat) {
      try bytes.withUnsafeBytes { try note($0, at: offset, line: line, file) }
      try file.append([UInt8(ascii: "\n")])
    } else if offset > 0 || line > 1 || looksLikeRow(bytes) {
      try file.truncate(to: offset)
    } else {
      throw FileError(url.path, "is no file of captions, and would be lost")
    }
  }

  /// Whether whole rows follow the beginning of one, as where someone has lost a quote: they are no part of a row that was
  /// cut off.
  private func isOpenQuote(_ bytes: [UInt8]) -> Bool {
    guard format is CSVFormat else { return false }
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.dropFirst().dropLast().contains { line in
      let quotes = line.count { $0 == UInt8(ascii: "\"") }
      return quotes.isMultiple(of: 2) && line.withUnsafeBytes { (try? format.read($0))?.caption } != nil
    }
  }

  /// Whether what there is of a file's only line may be a row of a job that ended in the middle of it.
  private func looksLikeRow(_ bytes: [UInt8]) -> Bool {
    let start = format is JSONLinesFormat || format is MetadataFormat ? Array("{\"file".utf8) : []
    return bytes.starts(with: start.prefix(bytes.count)) && !bytes.contains(0)
  }

  private func note(_ row: UnsafeRawBufferPointer, at offset: Int, line: Int, _ file: RowStorage) throws {
    let content: RowContent?
    do {
      content = try format.read(row)
    } catch let fault as RowFault {
      throw FileError("\(url.path):\(line)", fault.problem)
    } catch let fault as JSONFault {
      throw FileError("\(url.path):\(line)", "is no row of captions: \(fault.problem)")
    }
    guard let key = content?.key else { return }
    try remember(key, at: offset)
  }

  // MARK: Rows

  package func existing(_ image: LibraryImage) throws -> ExistingCaption? {
    guard let key = try? format.key(of: image), let row = try row(of: key) else { return nil }
    return row.withUnsafeBytes { try? format.read($0) }?.caption
  }

  package func receive(_ record: CaptionRecord) throws {
    let key = try format.key(of: record.image)
    let former = try row(of: key)
    guard let row = format.row(record, key: key, former: former?[...]), row != former else { return }
    guard let file else { preconditionFailure("a sink is prepared first") }
    let offset = file.count + buffer.count
    buffer += row
    try remember(key, at: offset)
    if buffer.count >= Self.bufferSize { try flush() }
  }

  package func flush() throws {
    guard !buffer.isEmpty, let file else { return }
    try file.append(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Drops the rows that later ones have replaced, and makes the rest durable.
  package func finish() throws {
    try flush()
    guard let file else { return }
    if deadCount > 0 { try compact(file) } else { try file.sync() }
  }

  /// Calls `body` with each row that counts, in the file's order.
  func forEachRow(_ body: (ArraySlice<UInt8>) throws -> Void) throws {
    try flush()
    guard let file else { return }
    var reader = ChunkReader(at: format.header.count)
    while reader.offset < file.count {
      let offset = reader.offset
      let row = try file.first(&reader, limit: Self.maximumRow) { bytes in
        format.end(ofRowIn: bytes).map { Array(bytes[..<$0]) }
      }
      guard let row else { return }
      reader.skip(row.count)
      let key = row.withUnsafeBytes { try? format.read($0) }?.key
      guard let key else { continue }
      if try self.offset(of: key) == offset { try body(row[...]) }
    }
  }

  private func compact(_ file: RowStorage) throws {
    let new = try AtomicFile(at: url)
    try new.write(format.header)
    var lines: [UInt8] = []
    try forEachRow { row in
      lines += row
      guard lines.count >= Self.bufferSize else { return }
      try new.write(lines)
      lines.removeAll(keepingCapacity: true)
    }
    try new.write(lines)
    try new.commit()
  }

  // MARK: Places

  private func row(of key: String) throws -> [UInt8]? {
    guard let offset = try offset(of: key) else { return nil }
    return try row(at: offset)
  }

  private func offset(of key: String) throws -> Int? {
    try rows.offset(hash: OffsetTable.hash(key)) { try isRow(at: $0, of: key) }
  }

  private func isRow(at offset: Int, of key: String) throws -> Bool {
    guard let other = try row(at: offset)?.withUnsafeBytes({ try? format.read($0) })?.key else {
      return false
    }
    return other.utf8.elementsEqual(key.utf8)
  }

  private func row(at offset: Int) throws -> [UInt8]? {
    guard let file else { return nil }
    if offset >= file.count {
      let rest = buffer[min(offset - file.count, buffer.count)...]
      return rest.withUnsafeBytes { bytes in format.end(ofRowIn: bytes).map { Array(bytes[..<$0]) } }
    }
    var count = 512
    while true {
      let bytes = try file.bytes(at: offset, count: count)
      let row = bytes.withUnsafeBytes { bytes in format.end(ofRowIn: bytes).map { Array(bytes[..<$0]) } }
      // The end of the last line may not have been added yet.
      if let row { return row }
      if bytes.count < count { return bytes }
      guard count < Self.maximumRow else { return nil }
      count *= 8
    }
  }

  private func remember(_ key: String, at offset: Int) throws {
    let hash = OffsetTable.hash(key)
    let slot = try rows.slot(hash: hash) { try isRow(at: $0, of: key) }
    if slot != nil { deadCount += 1 }
    try rows.set(offset, hash: hash, slot: slot)
  }
}

/// A growing file that a class can hold.
final class RowStorage {
  private var file: GrowingFile

  init(_ file: consuming GrowingFile) { self.file = file }

  var count: Int { file.count }

  func append(_ bytes: [UInt8]) throws { try file.append(bytes) }
  func truncate(to count: Int) throws { try file.truncate(to: count) }
  func sync() throws { try file.sync() }
  func bytes(at offset: Int, count: Int) throws -> [UInt8] { try file.bytes(at: offset, count: count) }
  func peek(_ reader: inout ChunkReader, _ count: Int) throws -> [UInt8] { try reader.peek(count, in: file) }

  func first<Found>(
    _ reader: inout ChunkReader, limit: Int, _ find: (UnsafeRawBufferPointer) throws -> Found?
  ) throws -> Found? {
    try reader.first(in: file, limit: limit, find)
  }
}
