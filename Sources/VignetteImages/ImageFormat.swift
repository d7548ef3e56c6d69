/// The formats that are read.
enum ImageFormat: String {
  case jpeg = "JPEG"
  case png = "PNG"
  case webP = "WebP"
  case gif = "GIF"
  case bmp = "BMP"

  /// Tells the format by the first bytes; a file's name plays no part.
  ///
  /// - Throws: ``ImageError/unsupported(format:reason:)`` for formats that are known but not read,
  ///   ``ImageError/unrecognized`` for anything else.
  init(of bytes: [UInt8]) throws {
    func has(_ text: StaticString, at offset: Int = 0) -> Bool {
      text.withUTF8Buffer { bytes.dropFirst(offset).starts(with: $0) }
    }
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: PNG.signature) {
      self = .png
    } else if has("RIFF") && has("WEBP", at: 8) {
      self = .webP
    } else if has("GIF87a") || has("GIF89a") {
      self = .gif
    } else if has("BM") {
      self = .bmp
    } else if let name = Self.unsupportedFormat(of: bytes) {
      throw ImageError.unsupported(format: name, reason: nil)
    } else {
      throw ImageError.unrecognized
    }
  }

  /// The name of a format that is recognised only to be refused by name.
  private static func unsupportedFormat(of bytes: [UInt8]) -> String? {
    for (name, offset, signature) in unsupportedSignatures
    where bytes.dropFirst(offset).starts(with: signature) {
      return name
    }
    let text = String(decoding: bytes.prefix(1024), as: UTF8.self)
    return text.contains("<svg") ? "SVG" : nil
  }

  private static let unsupportedSignatures: [(name: String, offset: Int, signature: [UInt8])] = [
    ("TIFF", 0, [0x49, 0x49, 0x2A, 0x00]), ("TIFF", 0, [0x4D, 0x4D, 0x00, 0x2A]),
    ("TIFF", 0, [0x49, 0x49, 0x2B, 0x00]), ("TIFF", 0, [0x4D, 0x4D, 0x00, 0x2B]),
    ("AVIF", 4, Array("ftypavif".utf8)), ("AVIF", 4, Array("ftypavis".utf8)),
    ("HEIC", 4, Array("ftyphei".utf8)), ("HEIC", 4, Array("ftyphev".utf8)),
    ("HEIC", 4, Array("ftypmif1".utf8)), ("HEIC", 4, Array("ftypmsf1".utf8)),
    ("JPEG 2000", 0, [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20]),
    ("JPEG 2000", 0, [0xFF, 0x4F, 0xFF, 0x51]),
    ("JPEG XL", 0, [0xFF, 0x0A]), ("JPEG XL", 0, [0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20]),
    ("Photoshop (PSD)", 0, Array("8BPS".utf8)), ("PDF", 0, Array("%PDF-".utf8)),
    ("PostScript", 0, Array("%!PS".utf8)), ("DDS", 0, Array("DDS ".utf8)),
    ("QOI", 0, Array("qoif".utf8)), ("ICO", 0, [0x00, 0x00, 0x01, 0x00]),
    ("CUR", 0, [0x00, 0x00, 0x02, 0x00]), ("ICNS", 0, Array("icns".utf8)),
    ("OpenEXR", 0, [0x76, 0x2F, 0x31, 0x01]), ("SGI", 0, [0x01, 0xDA]),
    ("MNG", 0, [0x8A, 0x4D, 0x4E, 0x47]),
    ("PNM", 0, Array("P1".utf8)), ("PNM", 0, Array("P2".utf8)), ("PNM", 0, Array("P3".utf8)),
    ("PNM", 0, Array("P4".utf8)), ("PNM", 0, Array("P5".utf8)), ("PNM", 0, Array("P6".utf8)),
    ("PNM", 0, Array("P7".utf8)), ("PFM", 0, Array("Pf".utf8)), ("PFM", 0, Array("PF".utf8)),
  ]
}
