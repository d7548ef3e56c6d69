/// Gathers the chunks of a PNG that may hold EXIF or XMP.
struct PNGMetadata {
  private var exif: [UInt8]?
  private var xmp: [UInt8]?
  /// EXIF as ImageMagick stores it: a text of hexadecimal digits.
  private var hexadecimalEXIF: [UInt8]?

  /// The largest text that is decompressed.
  private static let textLimit = 1 << 20

  var metadata: Metadata {
    Metadata(exif: exif ?? hexadecimalEXIF.flatMap(Self.bytes(ofHexadecimal:)), xmp: xmp)
  }

  mutating func read(_ chunk: PNGChunkReader.Chunk) {
    switch chunk.type {
    case "eXIf": exif = Array(chunk.data)
    case "tEXt", "zTXt", "iTXt": readText(chunk)
    default: break
    }
  }

  private mutating func readText(_ chunk: PNGChunkReader.Chunk) {
    guard let (key, rest) = Self.split(chunk.data) else { return }
    let isXMP = key.elementsEqual("XML:com.adobe.xmp".utf8)
    guard isXMP || key.elementsEqual("Raw profile type exif".utf8) else { return }
    guard let text = Self.text(of: chunk.type, rest) else { return }
    if isXMP { xmp = text } else { hexadecimalEXIF = text }
  }

  /// The text behind the key: plain, compressed, or behind a language and a translated key.
  private static func text(of type: String, _ data: ArraySlice<UInt8>) -> [UInt8]? {
    switch type {
    case "tEXt": return Array(data)
    case "zTXt": return Inflater.inflate(data.dropFirst(), limit: textLimit)
    default:
      guard data.count >= 2, let (_, rest) = split(data.dropFirst(2)), let (_, text) = split(rest) else {
        return nil
      }
      let isCompressed = data[data.startIndex] != 0
      return isCompressed ? Inflater.inflate(text, limit: textLimit) : Array(text)
    }
  }

  /// Splits at the first zero byte.
  private static func split(
    _ data: ArraySlice<UInt8>
  ) -> (head: ArraySlice<UInt8>, tail: ArraySlice<UInt8>)? {
    data.firstIndex(of: 0).map { (data[..<$0], data[($0 + 1)...]) }
  }

  /// Reads the digits from the fourth line on; the lines before are empty, a name and a length.
  private static func bytes(ofHexadecimal text: [UInt8]) -> [UInt8]? {
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let digits = lines.dropFirst(3).joined().map { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    for i in stride(from: 0, to: digits.count, by: 2) {
      guard let high = digits[i], let low = digits[i + 1] else { return nil }
      bytes.append(UInt8(16 * high + low))
    }
    return bytes
  }
}
