/// The formats that are read, told apart by their first bytes; the last four with the package trait `Formats`.
enum ImageFormat: String {
  case jpeg = "JPEG"
  case png = "PNG"
  case webP = "WebP"
  case gif = "GIF"
  case bmp = "BMP"
  case tiff = "TIFF"
  case avif = "AVIF"
  case heic = "HEIC"
  case jpegXL = "JPEG XL"

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
    } else if let raw = CameraRaw.name(of: bytes) {
      throw ImageError.unsupported(format: raw, reason: CameraRaw.advice)
    } else if TIFFHeader.signatures.contains(where: bytes.starts(with:)) {
      self = .tiff
    } else if let format = Self.containedFormat(of: bytes) {
      self = format
    } else if Self.jpegXLSignatures.contains(where: bytes.starts(with:)) {
      self = .jpegXL
    } else if let name = Self.unsupportedFormat(of: bytes) {
      throw ImageError.unsupported(format: name, reason: nil)
    } else {
      throw ImageError.unrecognized
    }
  }

  private static let jpegXLSignatures: [[UInt8]] = [
    [0xFF, 0x0A], [0x00, 0x00, 0x00, 0x0C, 0x4A, 0x58, 0x4C, 0x20],
  ]

  /// What a file of boxes calls itself by its brands, of which the first is the main one.
  private static func containedFormat(of bytes: [UInt8]) -> ImageFormat? {
    guard bytes.count >= 12, bytes[4..<8].elementsEqual("ftyp".utf8) else { return nil }
    // No file names more than a few.
    let size = min(bytes[..<4].reduce(0) { $0 << 8 | Int($1) }, bytes.count, 256)
    var starts = [8]
    starts += stride(from: 16, through: size - 4, by: 4)
    let brands = starts.map { String(decoding: bytes[$0..<$0 + 4], as: UTF8.self) }
    if brands.contains(where: ["avif", "avis"].contains) { return .avif }
    let heic = ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1"]
    return brands.contains(where: heic.contains) ? .heic : nil
  }

  /// The name of a format that is recognised only to be refused by name.
  private static func unsupportedFormat(of bytes: [UInt8]) -> String? {
    for (name, offset, signature) in unsupportedSignatures
    where bytes.dropFirst(offset).starts(with: signature) {
      return name
    }
    if isCursor(bytes) { return "CUR" }
    if isTGA(bytes) { return "TGA" }
    let text = String(decoding: bytes.prefix(1024), as: UTF8.self)
    if text.hasPrefix("#define "), text.contains("_width ") { return "XBM" }
    return text.contains("<svg") ? "SVG" : nil
  }

  /// A Windows cursor, which begins like many a TGA but counts its images.
  private static func isCursor(_ bytes: [UInt8]) -> Bool {
    bytes.count > 9 && bytes.starts(with: [0, 0, 2, 0]) && (bytes[4] | bytes[5]) != 0 && bytes[9] == 0
  }

  /// TGA has no signature at its start: its header has to make sense.
  private static func isTGA(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 18 else { return false }
    let isMapped = bytes[2] == 1 || bytes[2] == 9
    let hasSize = bytes[12] | bytes[13] != 0 && bytes[14] | bytes[15] != 0
    return bytes[1] == (isMapped ? 1 : bytes[1] & 1) && [1, 2, 3, 9, 10, 11].contains(bytes[2]) && hasSize
      && [8, 15, 16, 24, 32].contains(bytes[16]) && bytes[17] & 0xC0 == 0
  }

  private static let unsupportedSignatures: [(name: String, offset: Int, signature: [UInt8])] = [
    ("JPEG XR", 0, [0x49, 0x49, 0xBC]),
    ("JPEG 2000", 0, [0x00, 0x00, 0x00, 0x0C, 0x6A, 0x50, 0x20, 0x20]),
    ("JPEG 2000", 0, [0xFF, 0x4F, 0xFF, 0x51]),
    ("Photoshop (PSD)", 0, Array("8BPS".utf8)), ("GIMP (XCF)", 0, Array("gimp xcf".utf8)),
    ("PDF", 0, Array("%PDF-".utf8)),
    ("PostScript", 0, Array("%!PS".utf8)), ("PostScript", 0, [0xC5, 0xD0, 0xD3, 0xC6]),
    ("DDS", 0, Array("DDS ".utf8)), ("BLP", 0, Array("BLP1".utf8)), ("BLP", 0, Array("BLP2".utf8)),
    ("QOI", 0, Array("qoif".utf8)), ("FLIF", 0, Array("FLIF".utf8)), ("BPG", 0, [0x42, 0x50, 0x47, 0xFB]),
    ("DjVu", 0, Array("AT&TFORM".utf8)), ("Radiance HDR", 0, Array("#?RADIANCE".utf8)),
    ("ICO", 0, [0x00, 0x00, 0x01, 0x00]), ("ICNS", 0, Array("icns".utf8)),
    ("OpenEXR", 0, [0x76, 0x2F, 0x31, 0x01]), ("SGI", 0, [0x01, 0xDA]),
    ("Sun raster", 0, [0x59, 0xA6, 0x6A, 0x95]),
    ("MNG", 0, [0x8A, 0x4D, 0x4E, 0x47]), ("JNG", 0, [0x8B, 0x4A, 0x4E, 0x47]),
    ("PCX", 0, [0x0A, 0x00, 0x01]), ("PCX", 0, [0x0A, 0x02, 0x01]), ("PCX", 0, [0x0A, 0x03, 0x01]),
    ("PCX", 0, [0x0A, 0x05, 0x01]), ("FITS", 0, Array("SIMPLE  =".utf8)), ("DICOM", 128, Array("DICM".utf8)),
    ("WMF", 0, [0xD7, 0xCD, 0xC6, 0x9A]), ("EMF", 40, Array(" EMF".utf8)),
    ("XPM", 0, Array("/* XPM */".utf8)),
    ("PNM", 0, Array("P1".utf8)), ("PNM", 0, Array("P2".utf8)), ("PNM", 0, Array("P3".utf8)),
    ("PNM", 0, Array("P4".utf8)), ("PNM", 0, Array("P5".utf8)), ("PNM", 0, Array("P6".utf8)),
    ("PNM", 0, Array("P7".utf8)), ("PFM", 0, Array("Pf".utf8)), ("PFM", 0, Array("PF".utf8)),
  ]
}

/// Which files in a folder are images, be they of a format that is read or not.
package enum ImageFileKind {
  /// How many of a file's first bytes ``isImage(startingWith:)`` wants to see.
  package static let signatureSize = 1024

  /// Whether a file's first bytes are an image's. Of formats that only look like one by a few bytes of text (PNM), or
  /// are documents as often as images (PDF, PostScript), the name has to say it.
  package static func isImage(startingWith bytes: [UInt8]) -> Bool {
    do {
      _ = try ImageFormat(of: bytes)
      return true
    } catch let error as ImageError {
      guard case .unsupported(let format, _) = error.problem else { return false }
      return !["PNM", "PFM", "PDF", "PostScript", "TGA", "SVG", "PCX", "XBM"].contains(format)
    } catch {
      return false
    }
  }

  /// Whether a file's name is an image's by its extension.
  package static func isImage(named name: String) -> Bool {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot > name.startIndex else { return false }
    return extensions.contains(name[name.utf8.index(after: dot)...].lowercased())
  }

  private static let extensions: Set<String> = [
    // Read.
    "jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp", "gif", "bmp", "dib",
    "tif", "tiff", "avif", "avifs", "heic", "heics", "heif", "heifs", "hif", "jxl",
    // Not read, but named.
    "jp2", "j2k", "j2c", "jpc", "jpf", "jpx", "jxr", "psd", "ico", "cur", "icns", "tga", "dds", "exr", "hdr",
    "qoi", "svg", "eps", "ppm", "pgm", "pbm", "pnm", "pam", "pfm", "pcx", "sgi", "ras", "xcf", "mng", "jng",
    "wmf", "emf", "xpm", "xbm", "bpg", "flif",
    "dng", "cr2", "cr3", "nef", "arw", "orf", "raf", "rw2", "pef", "srw", "nrw", "3fr",
  ]
}
