/// The text of an XML file as UTF-8, whatever it is stored as, and the way back.
struct XMLText {
  private enum Encoding {
    case utf8
    case utf16(isBigEndian: Bool)
  }

  /// The text, without a byte order mark and without the zeros that some programs end a packet with.
  let utf8: [UInt8]
  /// Whether the declared encoding has no more than ASCII in common with UTF-8, so that other characters have to be written by
  /// their numbers.
  let escapesNonASCII: Bool
  private let encoding: Encoding
  private let mark: [UInt8]
  private let zeros: [UInt8]

  /// Nobody's metadata is larger, and the tree of a text takes many times its size.
  static let maximumBytes = 64 << 20

  /// - Throws: ``MetadataError`` for bytes that are no text, or one in an encoding that XMP doesn't have.
  init(_ bytes: [UInt8]) throws {
    guard bytes.count <= Self.maximumBytes else {
      throw MetadataError(.tooLarge("its XMP is larger than \(Self.maximumBytes >> 20) MiB"))
    }
    (encoding, mark) = try Self.encoding(of: bytes)
    let stored = bytes[mark.count...]
    let text: [UInt8]
    switch encoding {
    case .utf8:
      guard String(validating: stored, as: UTF8.self) != nil else {
        throw MetadataError(.damaged("its XMP is no text in UTF-8 or UTF-16"))
      }
      text = Array(stored)
    case .utf16(let isBigEndian): text = try Self.utf8(of: stored, isBigEndian: isBigEndian)
    }
    let end = text.lastIndex { $0 != 0 }.map { $0 + 1 } ?? 0
    utf8 = Array(text[..<end])
    zeros = Array(text[end...])
    escapesNonASCII = try Self.isForeign(utf8)
  }

  /// Another text as this one is stored.
  func stored(_ text: [UInt8]) -> [UInt8] {
    guard case .utf16(let isBigEndian) = encoding else { return mark + text + zeros }
    var bytes = mark
    for unit in String(decoding: text + zeros, as: UTF8.self).utf16 {
      let (high, low) = (UInt8(unit >> 8), UInt8(unit & 0xFF))
      bytes += isBigEndian ? [high, low] : [low, high]
    }
    return bytes
  }

  private static func encoding(of bytes: [UInt8]) throws -> (Encoding, mark: [UInt8]) {
    for start: [UInt8] in [[0xFF, 0xFE, 0, 0], [0, 0, 0xFE, 0xFF], [0x3C, 0, 0, 0], [0, 0, 0, 0x3C]]
    where bytes.starts(with: start) {
      throw MetadataError(.unsupported("its XMP is in UTF-32; UTF-8 and UTF-16 are read"))
    }
    let marks: [([UInt8], Encoding)] = [
      ([0xEF, 0xBB, 0xBF], .utf8), ([0xFE, 0xFF], .utf16(isBigEndian: true)),
      ([0xFF, 0xFE], .utf16(isBigEndian: false)),
    ]
    for (mark, encoding) in marks where bytes.starts(with: mark) { return (encoding, mark) }
    if bytes.starts(with: [0, 0x3C]) { return (.utf16(isBigEndian: true), []) }
    if bytes.starts(with: [0x3C, 0]) { return (.utf16(isBigEndian: false), []) }
    return (.utf8, [])
  }

  private static func utf8(of bytes: ArraySlice<UInt8>, isBigEndian: Bool) throws -> [UInt8] {
    let damaged = MetadataError(.damaged("its XMP begins as UTF-16 and isn't"))
    guard bytes.count.isMultiple(of: 2) else { throw damaged }
    let units = stride(from: bytes.startIndex, to: bytes.endIndex, by: 2).map { index in
      let (first, second) = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      return isBigEndian ? first << 8 | second : second << 8 | first
    }
    guard let text = String(validating: units, as: UTF16.self) else { throw damaged }
    return Array(text.utf8)
  }

  /// Whether the text says that it is in an encoding other than Unicode's. In ASCII alone it may be: then both agree.
  private static func isForeign(_ text: [UInt8]) throws -> Bool {
    guard text.starts(with: "<?xml".utf8), let end = text.firstIndex(of: UInt8(ascii: ">")) else {
      return false
    }
    let declaration = String(decoding: text[..<end], as: UTF8.self)
    guard let match = declaration.firstMatch(of: /encoding\s*=\s*["']([^"']*)["']/) else { return false }
    let name = match.1.lowercased()
    if name == "utf-8" || name.hasPrefix("utf-16") { return false }
    guard text.allSatisfy({ $0 < 0x80 }) else {
      throw MetadataError(.unsupported("its XMP says that it is in \(match.1); UTF-8 and UTF-16 are read"))
    }
    return true
  }
}
