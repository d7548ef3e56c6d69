/// A block of IPTC-IIM: data sets one after the other, of which 2:120 is the caption.
///
/// Source: IPTC Information Interchange Model 4.2.
struct IPTCBlock {
  /// A data set: 0x1C, record, number, length, value.
  private struct DataSet {
    let record: UInt8
    let number: UInt8
    let range: Range<Int>
    let value: Range<Int>
  }

  private(set) var bytes: [UInt8]
  private let dataSets: [DataSet]
  /// Behind the last data set: zeros, as a rule.
  private let end: Int

  private static let marker: UInt8 = 0x1C
  private static let utf8: [UInt8] = [0x1B, 0x25, 0x47]
  /// What 2:120 may hold.
  private static let maximumBytes = 2000

  /// - Throws: ``MetadataError`` for a data set that lies beyond the end.
  init(_ bytes: [UInt8]) throws {
    var dataSets: [DataSet] = []
    var position = 0
    while position < bytes.count, bytes[position] == Self.marker {
      guard let dataSet = Self.dataSet(at: position, of: bytes) else {
        throw MetadataError(.damaged("its IPTC block ends inside a data set"))
      }
      dataSets.append(dataSet)
      position = dataSet.range.upperBound
    }
    (self.bytes, self.dataSets, end) = (bytes, dataSets, position)
  }

  /// The text of 2:120; nil where there is none.
  var caption: String? {
    guard let dataSet = dataSets.first(where: { $0.record == 2 && $0.number == 120 }) else { return nil }
    let value = bytes[dataSet.value]
    let text =
      String(validating: value, as: UTF8.self)
      ?? String(String.UnicodeScalarView(value.map { Unicode.Scalar($0) }))
    return text.trimmed.isEmpty ? nil : text.trimmed
  }

  /// The block with another caption.
  ///
  /// It is written in the characters that the block declares (1:90), which without a declaration are Latin-1. A block that is all
  /// ASCII is declared to be UTF-8 where the caption needs it; else what Latin-1 lacks becomes a question mark, because the other texts
  /// mustn't change their meaning.
  func setting(_ caption: String) -> IPTCBlock {
    var edits: [ByteEdit] = []
    let value: [UInt8]
    if isUTF8 || caption.utf8.allSatisfy({ $0 < 0x80 }) {
      value = Array(caption.utf8)
    } else if declaration == nil, isASCII {
      value = Array(caption.utf8)
      edits.append(ByteEdit(insert: Self.dataSet(1, 90, Self.utf8), at: positionOfDeclaration))
    } else {
      value = caption.unicodeScalars.map { UInt8(exactly: $0.value) ?? UInt8(ascii: "?") }
    }
    let written = Self.dataSet(2, 120, Self.cut(value))
    let old = dataSets.filter { $0.record == 2 && $0.number == 120 }
    if let first = old.first {
      edits.append(ByteEdit(first.range, written))
      edits += old.dropFirst().map { ByteEdit($0.range, []) }
    } else {
      let next = dataSets.first { $0.record > 2 || ($0.record == 2 && $0.number > 120) }
      edits.append(ByteEdit(insert: written, at: next?.range.lowerBound ?? end))
    }
    return IPTCBlock(edited: edits.applied(to: bytes)) ?? self
  }

  private init?(edited bytes: [UInt8]) {
    guard let block = try? IPTCBlock(bytes) else { return nil }
    self = block
  }

  // MARK: Characters

  private var declaration: ArraySlice<UInt8>? {
    dataSets.first { $0.record == 1 && $0.number == 90 }.map { bytes[$0.value] }
  }

  private var isUTF8: Bool { declaration.map { Array($0) == Self.utf8 } ?? false }

  /// Whether all texts of the second record, the one about the image, but the caption are ASCII.
  private var isASCII: Bool {
    dataSets.filter { $0.record == 2 && $0.number >= 5 && $0.number < 200 && $0.number != 120 }
      .allSatisfy { bytes[$0.value].allSatisfy { $0 < 0x80 } }
  }

  /// 1:90 stands behind what the first record has before it, and before the second.
  private var positionOfDeclaration: Int {
    dataSets.first { $0.record > 1 || ($0.record == 1 && $0.number > 90) }?.range.lowerBound ?? end
  }

  /// No more than 2:120 may hold, cut between characters.
  private static func cut(_ value: [UInt8]) -> [UInt8] {
    guard value.count > maximumBytes else { return value }
    var end = maximumBytes
    while end > 0, value[end] & 0xC0 == 0x80 { end -= 1 }
    return Array(value[..<end])
  }

  // MARK: Data sets

  private static func dataSet(_ record: UInt8, _ number: UInt8, _ value: [UInt8]) -> [UInt8] {
    [marker, record, number] + ByteOrder.big.bytes(value.count, 2) + value
  }

  private static func dataSet(at position: Int, of bytes: [UInt8]) -> DataSet? {
    guard let record = ByteOrder.big.number(1, at: position + 1, of: bytes),
      let number = ByteOrder.big.number(1, at: position + 2, of: bytes),
      var length = ByteOrder.big.number(2, at: position + 3, of: bytes)
    else { return nil }
    var start = position + 5
    if length & 0x8000 != 0 {
      // The length has a length of its own.
      let size = length & 0x7FFF
      guard size <= 4, let long = ByteOrder.big.number(size, at: start, of: bytes) else { return nil }
      length = long
      start += size
    }
    guard length <= bytes.count - start else { return nil }
    return DataSet(
      record: UInt8(record), number: UInt8(number), range: position..<start + length,
      value: start..<start + length)
  }
}
