import Foundation
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

/// A reader of event files for tests: records with their checksums, messages field by field.
struct EventFileReader {
  struct Field {
    let number: Int
    let bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var integer: UInt64 { bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) } }
    var double: Double { Double(bitPattern: integer) }
    var float: Float { Float(bitPattern: UInt32(integer)) }
    var message: [Field] { EventFileReader.fields(bytes[...]) }
  }

  /// The whole records of the file, each with whether both checksums are right.
  static func records(_ file: Data) -> [(event: [Field], isSound: Bool)] {
    var rest = Array(file)[...]
    var records: [(event: [Field], isSound: Bool)] = []
    while rest.count >= 12 {
      let header = rest.prefix(8)
      let length = Int(Field(number: 0, bytes: Array(header)).integer)
      guard rest.count >= length + 16 else { break }
      let headerSum = Field(number: 0, bytes: Array(rest.dropFirst(8).prefix(4))).integer
      let data = rest.dropFirst(12).prefix(length)
      let dataSum = Field(number: 0, bytes: Array(rest.dropFirst(12 + length).prefix(4))).integer
      let isSound = headerSum == CRC32C.masked(header) && dataSum == CRC32C.masked(data)
      records.append((fields(data), isSound))
      rest = rest.dropFirst(length + 16)
    }
    return records
  }

  private static func fields(_ bytes: ArraySlice<UInt8>) -> [Field] {
    var rest = bytes
    var fields: [Field] = []
    func varint() -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while let byte = rest.popFirst() {
        value |= UInt64(byte & 0x7F) << shift
        shift += 7
        if byte & 0x80 == 0 { break }
      }
      return value
    }
    while !rest.isEmpty {
      let key = varint()
      var count = 0
      switch key & 7 {
      case 0:
        let value = withUnsafeBytes(of: varint().littleEndian) { Array($0) }
        fields.append(Field(number: Int(key >> 3), bytes: value))
        continue
      case 1: count = 8
      case 2: count = Int(varint())
      default: count = 4
      }
      fields.append(Field(number: Int(key >> 3), bytes: Array(rest.prefix(count))))
      rest = rest.dropFirst(count)
    }
    return fields
  }
}

extension [EventFileReader.Field] {
  subscript(number number: Int) -> EventFileReader.Field? { first { $0.number == number } }
}
