/// Tells the files of cameras' sensors by name. Most of them are TIFF by their first bytes, with a small image in front
/// that isn't what was photographed.
enum CameraRaw {
  /// What to do with such a file.
  static let advice = "camera raw has to be developed first; export it as JPEG or TIFF"

  /// The format's name; nil for anything else.
  static func name(of bytes: [UInt8]) -> String? {
    for (name, offset, signature) in signatures where bytes.dropFirst(offset).starts(with: signature) {
      return name
    }
    return TIFFHeader(bytes)?.rawName
  }

  private static let signatures: [(name: String, offset: Int, signature: [UInt8])] = [
    ("Canon raw (CR3)", 4, Array("ftypcrx ".utf8)), ("Fujifilm raw (RAF)", 0, Array("FUJIFILMCCD-RAW".utf8)),
    ("Olympus raw (ORF)", 0, Array("IIRO".utf8)), ("Olympus raw (ORF)", 0, Array("IIRS".utf8)),
    ("Olympus raw (ORF)", 0, Array("MMOR".utf8)), ("Panasonic raw (RW2)", 0, [0x49, 0x49, 0x55, 0x00]),
    ("Canon raw (CRW)", 6, Array("HEAPCCDR".utf8)), ("Minolta raw (MRW)", 0, [0x00, 0x4D, 0x52, 0x4D]),
    ("Sigma raw (X3F)", 0, Array("FOVb".utf8)),
  ]
}

/// The directories of a TIFF file as far as they tell what it is; what is damaged in them is passed over.
struct TIFFHeader {
  static let signatures: [[UInt8]] = [
    [0x49, 0x49, 0x2A, 0x00], [0x4D, 0x4D, 0x00, 0x2A], [0x49, 0x49, 0x2B, 0x00], [0x4D, 0x4D, 0x00, 0x2B],
  ]

  private enum Tag {
    static let kind = 254
    static let compression = 259
    static let photometric = 262
    static let make = 271
    static let subdirectories = 330
    static let dngVersion = 50706
  }

  private let bytes: [UInt8]
  private let isLittleEndian: Bool
  private var directories: [[Int: (type: Int, count: Int, position: Int)]] = []

  /// nil for what is no TIFF of 4 GB at most; larger ones no camera writes.
  init?(_ bytes: [UInt8]) {
    guard Self.signatures[..<2].contains(where: bytes.starts(with:)) else { return nil }
    self.bytes = bytes
    isLittleEndian = bytes[0] == 0x49
    // The first directory, those below it, and a few that follow.
    var offsets = [number(at: 4, 4)].compactMap { $0 }
    while let offset = offsets.first, directories.count < 8 {
      offsets.removeFirst()
      guard let next = readDirectory(at: offset) else { continue }
      if directories.count == 1, let below = directories[0][Tag.subdirectories] {
        offsets += (0..<min(below.count, 6)).compactMap { value(below, $0) }
      }
      if next != 0 { offsets.append(next) }
    }
  }

  private func number(at position: Int, _ size: Int) -> Int? {
    guard position >= 0, position <= bytes.count - size else { return nil }
    let field = bytes[position..<position + size]
    return isLittleEndian
      ? field.reversed().reduce(0) { $0 << 8 | Int($1) } : field.reduce(0) { $0 << 8 | Int($1) }
  }

  /// Reads a directory; what is returned is where the next one is.
  private mutating func readDirectory(at offset: Int) -> Int? {
    guard let count = number(at: offset, 2) else { return nil }
    var entries: [Int: (type: Int, count: Int, position: Int)] = [:]
    for i in 0..<count {
      let position = offset + 2 + 12 * i
      guard let tag = number(at: position, 2), let type = number(at: position + 2, 2),
        let values = number(at: position + 4, 4)
      else { break }
      let size = [1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 13: 4][type] ?? 8
      entries[tag] = (
        type, values, values * size <= 4 ? position + 8 : number(at: position + 8, 4) ?? bytes.count
      )
    }
    directories.append(entries)
    return number(at: offset + 2 + 12 * count, 4) ?? 0
  }

  private func value(_ entry: (type: Int, count: Int, position: Int)?, _ index: Int = 0) -> Int? {
    guard let entry, let size = [1: 1, 3: 2, 4: 4, 13: 4][entry.type] else { return nil }
    return number(at: entry.position + index * size, size)
  }

  private var make: String {
    guard let entry = directories.first?[Tag.make], entry.position < bytes.count else { return "" }
    return String(decoding: bytes[entry.position...].prefix(entry.count).prefix { $0 != 0 }, as: UTF8.self)
  }

  /// The name of what isn't an image yet; nil for an image.
  var rawName: String? {
    guard let first = directories.first else { return nil }
    if bytes.dropFirst(8).starts(with: "CR".utf8) { return "Canon raw (CR2)" }
    if first[Tag.dngVersion] != nil { return "raw (DNG)" }
    // A mosaic of colours, or one that has been interpolated and no more; what cameras pack such with.
    let holdsSensor = directories.contains { directory in
      [32803, 34892].contains(value(directory[Tag.photometric]))
        || [32767, 32769, 32770, 34713, 65000, 65535].contains(value(directory[Tag.compression]))
    }
    // A camera's small image in front of what it is made of.
    let beginsSmall =
      (value(first[Tag.kind]) ?? 0) & 1 == 1 && first[Tag.subdirectories] != nil && !make.isEmpty
    guard holdsSensor || beginsSmall else { return nil }
    let known = Self.makes.first { make.uppercased().hasPrefix($0.make) }
    return known?.name ?? "camera raw"
  }

  private static let makes = [
    (make: "NIKON", name: "Nikon raw (NEF)"), (make: "SONY", name: "Sony raw (ARW)"),
    (make: "PENTAX", name: "Pentax raw (PEF)"), (make: "RICOH", name: "Pentax raw (PEF)"),
    (make: "SAMSUNG", name: "Samsung raw (SRW)"), (make: "HASSELBLAD", name: "Hasselblad raw (3FR)"),
    (make: "KODAK", name: "Kodak raw (DCR)"), (make: "CANON", name: "Canon raw (TIF)"),
    (make: "LEICA", name: "Leica raw (RWL)"), (make: "PHASE ONE", name: "Phase One raw (IIQ)"),
    (make: "EPSON", name: "Epson raw (ERF)"),
  ]
}
