import VignetteImages
import Testing

/// What a camera's sensor gave is told by name, and not captioned from the small image in front of it.
@Suite struct CameraRawTests {
  private static func bytes(_ number: Int, _ count: Int, _ isLittle: Bool) -> [UInt8] {
    let ordered = (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    return isLittle ? ordered : ordered.reversed()
  }

  /// A TIFF whose first directory names a maker and another directory below; fields of one number.
  private static func file(
    make: String, first: [(Int, Int)], below: [(Int, Int)], isLittle: Bool = true
  ) -> [UInt8] {
    let text = Array(make.utf8) + [0, 0, 0, 0, 0]
    func directory(_ fields: [(tag: Int, type: Int, count: Int, value: Int)]) -> [UInt8] {
      var result = bytes(fields.count, 2, isLittle)
      for field in fields.sorted(by: { $0.tag < $1.tag }) {
        result += bytes(field.tag, 2, isLittle)
        result += bytes(field.type, 2, isLittle)
        result += bytes(field.count, 4, isLittle)
        result +=
          field.type == 3 ? bytes(field.value, 2, isLittle) + [0, 0] : bytes(field.value, 4, isLittle)
      }
      return result + [0, 0, 0, 0]
    }
    let start = 8 + text.count
    let pointers = below.isEmpty ? 0 : 1
    let end = start + 6 + 12 * (first.count + 1 + pointers)
    var fields = first.map { (tag: $0.0, type: 3, count: 1, value: $0.1) }
    fields.append((tag: 271, type: 2, count: text.count, value: 8))
    if pointers > 0 { fields.append((tag: 330, type: 4, count: 1, value: end)) }
    let header: [UInt8] = isLittle ? [0x49, 0x49, 0x2A, 0] : [0x4D, 0x4D, 0, 0x2A]
    let lower = directory(below.map { (tag: $0.0, type: 3, count: 1, value: $0.1) })
    return header + bytes(start, 4, isLittle) + text + directory(fields) + lower
  }

  @Test(arguments: [true, false]) func rawIsToldByItsTags(isLittle: Bool) throws {
    let files = [
      (
        "Nikon raw (NEF)",
        Self.file(make: "NIKON CORPORATION", first: [(254, 1)], below: [(262, 32803)], isLittle: isLittle)
      ),
      (
        "Nikon raw (NEF)",
        Self.file(make: "NIKON", first: [(262, 2)], below: [(259, 34713)], isLittle: isLittle)
      ),
      ("Sony raw (ARW)", Self.file(make: "SONY", first: [(254, 1)], below: [(259, 7)], isLittle: isLittle)),
      ("Pentax raw (PEF)", Self.file(make: "PENTAX", first: [(259, 65535)], below: [], isLittle: isLittle)),
      (
        "raw (DNG)",
        Self.file(make: "Google", first: [(254, 1), (50706, 0x104)], below: [], isLittle: isLittle)
      ),
      ("camera raw", Self.file(make: "Nobody", first: [(262, 34892)], below: [], isLittle: isLittle)),
    ]
    for (name, file) in files {
      let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(file) }
      #expect(
        "\(error)".hasPrefix("\(name) image not supported: camera raw has to be developed first"), "\(error)")
      // Wherever it is cut, nothing but an error comes of it, and whole or not it counts as an image.
      for count in 0..<file.count {
        #expect(throws: ImageError.self) { try ImageDecoder.decode(Array(file.prefix(count))) }
      }
      #expect(ImageFileKind.isImage(startingWith: Array(file.prefix(20))))
    }
  }

  @Test func canonRawIsToldByItsHeader() throws {
    let bytes: [UInt8] = [0x49, 0x49, 0x2A, 0, 16, 0, 0, 0, 0x43, 0x52, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(bytes) }
    #expect("\(error)".hasPrefix("Canon raw (CR2) image not supported"), "\(error)")
  }

  /// A photograph that a camera's maker saved as TIFF has no such tags.
  @Test func otherTIFFsAreNone() throws {
    let file = Self.file(make: "NIKON", first: [(254, 0), (262, 2)], below: [(254, 1)])
    let error = try #require(throws: ImageError.self) { try ImageDecoder.decode(file) }
    #expect("\(error)".contains("TIFF"), "\(error)")
  }
}
