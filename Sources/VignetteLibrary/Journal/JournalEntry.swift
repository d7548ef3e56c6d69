package import Foundation
import VignetteFiles

/// What a job remembers of one image: how its file looked, what the model said, and what was written down.
struct JournalEntry: Sendable, Hashable {
  var name: String
  /// How the file looked when it was read; nil where it couldn't be.
  var signature: FileSignature?
  var contentHash: ContentHash?
  /// Of what captions depend on: model and options of generation.
  var captionKey: ContentHash
  /// Of what else the record depends on: the rules for texts, and what became of captions that were there.
  var recordKey: ContentHash
  /// As the model gave it.
  var outcome: CaptionRecord.Outcome
  /// The captions' texts as they are written down.
  var texts: [String]
  /// Whether its caption waits for a review instead of going to the outputs.
  var isForReview = false
  /// Whether it takes the place of captions that were there, rather than only being added where there were none.
  var isReplacement = false
  /// Whether an output has refused it, so that it is to be handed over again.
  var isPending = false

  /// What sinks get.
  func record(of image: LibraryImage) -> CaptionRecord {
    guard case .captions(let captions) = outcome else {
      return CaptionRecord(image: image, contentHash: contentHash, outcome: outcome)
    }
    let written = zip(texts, captions).map { RecordedCaption(text: $0, score: $1.score) }
    return CaptionRecord(image: image, contentHash: contentHash, outcome: .captions(written))
  }
}

/// How a file looks from outside: while that stays the same, its bytes are taken to be the same.
package struct FileSignature: Sendable, Hashable {
  let size: Int64
  /// Nanoseconds since 1970.
  let changed: Int64
  let inode: UInt64

  init(size: Int64, changed: Int64, inode: UInt64) {
    self.size = size
    self.changed = changed
    self.inode = inode
  }

  package init(_ status: stat) {
    #if os(Linux)
      let time = status.st_mtim
    #else
      let time = status.st_mtimespec
    #endif
    self.init(
      size: Int64(status.st_size),
      changed: Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000).partialValue
        &+ Int64(time.tv_nsec), inode: UInt64(truncatingIfNeeded: status.st_ino))
  }

  /// The signature of a part of the file.
  func member(at offset: Int, count: Int) -> FileSignature {
    FileSignature(size: Int64(count), changed: changed, inode: inode &+ UInt64(offset) << 20)
  }
}

// MARK: - Bytes

extension JournalEntry {
  private enum Flag {
    static let failure: UInt8 = 1
    static let review: UInt8 = 2
    static let pending: UInt8 = 4
    static let signature: UInt8 = 8
    static let content: UInt8 = 16
    static let replacement: UInt8 = 32
  }

  /// The record's payload.
  var bytes: [UInt8] {
    var flags = isForReview ? Flag.review : 0
    if isReplacement { flags |= Flag.replacement }
    if isPending { flags |= Flag.pending }
    if signature != nil { flags |= Flag.signature }
    if contentHash != nil { flags |= Flag.content }
    if case .failure = outcome { flags |= Flag.failure }
    var writer = RecordWriter()
    writer.append(flags)
    writer.append(text: FileName.bytes(name))
    for hash in [captionKey, recordKey, contentHash ?? ContentHash(high: 0, low: 0)] {
      writer.append(hash.words.high)
      writer.append(hash.words.low)
    }
    writer.append(signature?.size ?? 0)
    writer.append(signature?.changed ?? 0)
    writer.append(signature?.inode ?? 0)
    switch outcome {
    case .failure(let reason): writer.append(text: Array(reason.utf8))
    case .captions(let captions):
      writer.append(UInt32(captions.count))
      for (caption, text) in zip(captions, texts) {
        writer.append((caption.score ?? .nan).bitPattern)
        writer.append(text: Array(caption.text.utf8))
        writer.append(text: Array(text.utf8))
      }
    }
    return writer.bytes
  }

  /// - Throws: `ByteCursor.EndOfBytes` for bytes that are no entry.
  init(_ bytes: UnsafeRawBufferPointer) throws(ByteCursor.EndOfBytes) {
    var cursor = try ByteCursor(bytes)
    let flags = try cursor.integer(UInt8.self)
    name = FileName.string(try cursor.text())
    captionKey = try cursor.hash()
    recordKey = try cursor.hash()
    let content = try cursor.hash()
    contentHash = flags & Flag.content == 0 ? nil : content
    let signature = FileSignature(
      size: try cursor.integer(), changed: try cursor.integer(), inode: try cursor.integer())
    self.signature = flags & Flag.signature == 0 ? nil : signature
    isForReview = flags & Flag.review != 0
    isReplacement = flags & Flag.replacement != 0
    isPending = flags & Flag.pending != 0
    texts = []
    if flags & Flag.failure != 0 {
      outcome = .failure(String(decoding: try cursor.text(), as: UTF8.self))
      return
    }
    var captions: [RecordedCaption] = []
    for _ in 0..<(try cursor.integer(UInt32.self)) {
      let score = Float(bitPattern: try cursor.integer())
      let raw = String(decoding: try cursor.text(), as: UTF8.self)
      captions.append(RecordedCaption(text: raw, score: score.isNaN ? nil : score))
      texts.append(String(decoding: try cursor.text(), as: UTF8.self))
    }
    guard !captions.isEmpty else { throw ByteCursor.EndOfBytes() }
    outcome = .captions(captions)
  }

  /// Whether `bytes` are the entry of the image that the system knows as `name`.
  static func isEntry(_ bytes: UnsafeRawBufferPointer, of name: [UInt8]) -> Bool {
    guard var cursor = try? ByteCursor(bytes, at: min(1, bytes.count)), let text = try? cursor.text() else {
      return false
    }
    return text.elementsEqual(name)
  }

}

/// Little-endian numbers and texts with their lengths before them.
struct RecordWriter {
  private(set) var bytes: [UInt8] = []

  mutating func append<Integer: FixedWidthInteger>(_ value: Integer) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(text: [UInt8]) {
    append(UInt32(clamping: text.count))
    bytes.append(contentsOf: text)
  }
}

extension ByteCursor {
  fileprivate mutating func text() throws(EndOfBytes) -> UnsafeRawBufferPointer {
    try take(count(UInt32.self))
  }

  fileprivate mutating func hash() throws(EndOfBytes) -> ContentHash {
    ContentHash(high: try integer(), low: try integer())
  }
}
