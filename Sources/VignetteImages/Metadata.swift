/// The parts of a file's metadata that say which way is up.
struct Metadata {
  /// A TIFF structure, possibly behind an `Exif\0\0` prefix.
  var exif: [UInt8]?
  /// An XMP packet.
  var xmp: [UInt8]?

  /// The orientation: EXIF's, or XMP's where EXIF has none. Broken metadata counts as none.
  var orientation: Orientation {
    if let exif, let value = EXIF.orientation(in: exif) {
      return Orientation(rawValue: value) ?? .upright
    }
    return xmp.flatMap(Self.orientation(inXMP:)) ?? .upright
  }

  /// Finds `tiff:Orientation="6"` or `tiff:Orientation>6`.
  private static func orientation(inXMP packet: [UInt8]) -> Orientation? {
    var rest = packet[...]
    while let match = rest.firstRange(of: Array("tiff:Orientation".utf8)) {
      rest = rest[match.upperBound...]
      for delimiter in ["=\"", ">"] where rest.starts(with: delimiter.utf8) {
        guard let digit = rest.dropFirst(delimiter.utf8.count).first else { continue }
        if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) {
          return Orientation(rawValue: Int(digit - UInt8(ascii: "0")))
        }
      }
    }
    return nil
  }
}
