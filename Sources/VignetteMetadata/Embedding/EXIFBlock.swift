/// A block of EXIF, which is a TIFF file without an image, and its field ImageDescription (tag 0x010E).
///
/// Setting it moves nothing: makers' notes hold offsets that nobody else knows. A text goes where the old one was, if
/// it fits and nothing else is there, or else behind everything; a field that is new makes a new copy of the first
/// directory there. Sources: TIFF 6.0, EXIF 2.32 (CIPA DC-008).
struct EXIFBlock {
  /// From the byte order mark on.
  private(set) var bytes: [UInt8]
  private let order: ByteOrder

  private static let imageDescription = 0x010E
  private static let text = 2
  /// Of the types 1 to 13.
  private static let typeSizes = [1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4]
  /// EXIF 3.0's text in UTF-8.
  private static let utf8Text = 129
  /// Directories that an entry leads to: EXIF's own, GPS, interoperability.
  private static let directoryTags: Set = [0x8769, 0x8825, 0xA005]

  /// An empty block.
  init() {
    order = .little
    bytes = [0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]
  }

  /// - Throws: ``MetadataError`` for what has no first directory.
  init(_ bytes: [UInt8]) throws {
    switch Array(bytes.prefix(4)) {
    case [0x49, 0x49, 42, 0]: order = .little
    case [0x4D, 0x4D, 0, 42]: order = .big
    default: throw MetadataError(.damaged("its EXIF block is no TIFF structure"))
    }
    self.bytes = bytes
    guard let start = number(4, at: 4), directory(at: start) != nil else {
      throw MetadataError(.damaged("the first directory of its EXIF block lies outside it"))
    }
  }

  /// Whether no value of the first directory lies outside. Of a block that is cut off readers take nothing; with more bytes
  /// behind it they would, its orientation, too.
  var isWhole: Bool {
    firstDirectory?.entries.allSatisfy { ($0.value?.upperBound ?? 0) <= bytes.count } ?? false
  }

  /// The text of ImageDescription; nil where there is none.
  var imageDescription: String? {
    guard let entry = firstDirectory?.entries.first(where: { $0.tag == Self.imageDescription }),
      let range = entry.value, range.upperBound <= bytes.count
    else { return nil }
    let text = bytes[range].prefix { $0 != 0 }
    // What isn't UTF-8 was written in Latin-1, as a rule.
    let string =
      String(validating: text, as: UTF8.self)
      ?? String(String.UnicodeScalarView(text.map { Unicode.Scalar($0) }))
    return string.trimmed.isEmpty ? nil : string.trimmed
  }

  /// - Throws: ``MetadataError`` where the block can hold no more.
  mutating func setImageDescription(_ text: String) throws {
    let value = Array(text.utf8.filter { $0 != 0 }) + [0]
    guard let directory = firstDirectory else { return }
    if let entry = directory.entries.first(where: { $0.tag == Self.imageDescription }) {
      // What it has already isn't written to another position.
      if let old = entry.value, old.upperBound <= bytes.count, bytes[old].elementsEqual(value) { return }
      try set(entry, to: value)
    } else {
      try add(value, to: directory)
    }
  }

  // MARK: Writing

  private mutating func set(_ entry: Entry, to value: [UInt8]) throws {
    if let old = entry.outOfLine, old.upperBound <= bytes.count, isAlone(old, of: entry) {
      if old.upperBound >= bytes.count - 1 {
        // The last thing in the block can grow where it is.
        bytes.removeSubrange(old.lowerBound...)
      } else if value.count > 4, value.count <= old.count {
        let rest = [UInt8](repeating: 0, count: old.count - value.count)
        bytes.overwrite(value + rest, at: old.lowerBound)
        return write(entry, count: value.count, at: old.lowerBound)
      }
    }
    guard value.count > 4 else {
      write(entry, count: value.count, at: 0)
      bytes.overwrite(value + [UInt8](repeating: 0, count: 4 - value.count), at: entry.position + 8)
      return
    }
    write(entry, count: value.count, at: try append(value))
  }

  private mutating func write(_ entry: Entry, count: Int, at offset: Int) {
    let field = order.bytes(Self.text, 2) + order.bytes(count, 4) + order.bytes(offset, 4)
    bytes.overwrite(field, at: entry.position + 2)
  }

  /// Directories can't grow where they are: a copy with one entry more is made behind everything.
  private mutating func add(_ value: [UInt8], to directory: Directory) throws {
    guard directory.entries.count < 0xFFFF else {
      throw MetadataError(.damaged("the first directory of its EXIF block is full"))
    }
    let inline = value.count <= 4
    let offset = inline ? 0 : try append(value)
    var entry =
      order.bytes(Self.imageDescription, 2) + order.bytes(Self.text, 2) + order.bytes(value.count, 4)
    entry += inline ? value + [UInt8](repeating: 0, count: 4 - value.count) : order.bytes(offset, 4)
    let position = directory.entries.first { $0.tag > Self.imageDescription }?.position ?? directory.next
    var copy = order.bytes(directory.entries.count + 1, 2)
    copy += bytes[(directory.position + 2)..<position] + entry + bytes[position..<directory.range.upperBound]
    bytes.overwrite(order.bytes(try append(copy), 4), at: 4)
  }

  /// Puts `data` behind everything, at an even offset as TIFF wants it, which is returned.
  private mutating func append(_ data: [UInt8]) throws -> Int {
    if !bytes.count.isMultiple(of: 2) { bytes.append(0) }
    let offset = bytes.count
    guard offset <= Int(UInt32.max) - data.count else {
      throw MetadataError(.tooLarge("its EXIF block would have more than 4 GiB"))
    }
    bytes += data
    return offset
  }

  // MARK: Directories

  private struct Entry {
    let tag: Int
    /// Where it stands itself.
    let position: Int
    /// Where its value stands, inside it or elsewhere; nil for a type that isn't known.
    let value: Range<Int>?
    /// The four bytes behind tag, type and count, as a number.
    let number: Int

    /// Where its value stands, if not inside it.
    var outOfLine: Range<Int>? { value.flatMap { $0.lowerBound == position + 8 ? nil : $0 } }
  }

  private struct Directory {
    let position: Int
    let entries: [Entry]
    /// Where the offset of the next one stands.
    var next: Int { position + 2 + 12 * entries.count }
    var range: Range<Int> { position..<next + 4 }
  }

  private func number(_ count: Int, at position: Int) -> Int? { order.number(count, at: position, of: bytes) }

  private var firstDirectory: Directory? { number(4, at: 4).flatMap { directory(at: $0) } }

  /// The directory at an offset; nil where it isn't wholly inside the block.
  private func directory(at position: Int) -> Directory? {
    guard position >= 8, let count = number(2, at: position), position + 2 + 12 * count + 4 <= bytes.count
    else {
      return nil
    }
    return Directory(
      position: position, entries: (0..<count).compactMap { entry(at: position + 2 + 12 * $0) })
  }

  private func entry(at position: Int) -> Entry? {
    guard let tag = number(2, at: position), let type = number(2, at: position + 2),
      let count = number(4, at: position + 4), let number = number(4, at: position + 8)
    else { return nil }
    let size = type == Self.utf8Text ? 1 : (1...13).contains(type) ? Self.typeSizes[type - 1] : 0
    // A count has 32 bits and a size four: no overflow.
    let length = count * size
    let start = length <= 4 ? position + 8 : number
    return Entry(
      tag: tag, position: position, value: size == 0 ? nil : start..<start + length, number: number)
  }

  /// Whether nothing else that is known of lies in `range`, the value of `entry`.
  private func isAlone(_ range: Range<Int>, of entry: Entry) -> Bool {
    guard range.lowerBound >= 8 else { return false }
    var pending = [number(4, at: 4)].compactMap(\.self)
    var seen: Set<Int> = []
    // Directories may lead to each other in circles; no block has many.
    while let position = pending.popLast(), seen.count < 64 {
      guard seen.insert(position).inserted, let directory = directory(at: position) else { continue }
      if directory.range.overlaps(range) { return false }
      let thumbnailLength = directory.entries.first { $0.tag == 0x0202 }?.number
      for other in directory.entries {
        if Self.directoryTags.contains(other.tag) { pending.append(other.number) }
        guard other.position != entry.position else { continue }
        // A value of a type that isn't known may be anywhere.
        guard let value = other.value, !value.overlaps(range) else { return false }
        // The offset of a thumbnail.
        if other.tag == 0x0201, let thumbnailLength,
          (other.number..<other.number + thumbnailLength).overlaps(range)
        {
          return false
        }
      }
      if let next = number(4, at: directory.next), next != 0 { pending.append(next) }
    }
    return pending.isEmpty
  }
}
