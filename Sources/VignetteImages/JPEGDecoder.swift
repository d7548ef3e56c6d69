import CVignetteImages
import VignetteFiles

/// Decodes JPEG with libjpeg: accurate inverse transform, smooth upsampling, no scaling unless it is asked for.
enum JPEGDecoder {
  /// - Parameter minimumSide: how long both sides must stay; nil where the image is decoded whole.
  static func decode(
    _ bytes: [UInt8], maximumPixels: Int, minimumSide: Int? = nil
  ) throws -> (image: RGBImage, orientation: Orientation) {
    let header = try JPEGHeader(bytes)
    try ImageDecoder.checkSize(
      width: header.width, height: header.height, maximumPixels: maximumPixels, format: .jpeg)
    let orientation = header.metadata.orientation
    let reduction = minimumSide.map { Self.reduction(of: header, minimumSide: $0) } ?? 1
    let width = (header.width + reduction - 1) / reduction
    let height = (header.height + reduction - 1) / reduction
    if header.channels == 3 {
      let image = try RGBImage(width: width, height: height) { samples in
        try readSamples(of: bytes, header, reduction, into: samples)
      }
      return (image, orientation)
    }
    let samples = try PixelMemory.of(width: width, height: height) {
      try CheckedMemory.bytes(width * height * header.channels) {
        try readSamples(of: bytes, header, reduction, into: $0)
      }
    }
    let image =
      header.channels == 1
      ? try RGBImage(width: width, height: height, grey: samples)
      : try RGBImage(width: width, height: height, invertedCMYK: samples)
    return (image, orientation)
  }

  /// The part of an eighth, a quarter or a half that is large enough; 1 where none is.
  private static func reduction(of header: JPEGHeader, minimumSide: Int) -> Int {
    [8, 4, 2].first { min(header.width, header.height) / $0 >= minimumSide } ?? 1
  }

  private static func readSamples(
    of bytes: [UInt8], _ header: JPEGHeader, _ reduction: Int,
    into samples: UnsafeMutableBufferPointer<UInt8>
  ) throws {
    var message = [CChar](repeating: 0, count: Int(CIMAGING_JPEG_MESSAGE_LENGTH))
    let status = cimaging_jpeg_decode(
      bytes, bytes.count, UInt32(header.width), UInt32(header.height), UInt32(header.channels),
      UInt32(reduction), samples.baseAddress, &message)
    switch status {
    case CIMAGING_JPEG_OK: return
    case CIMAGING_JPEG_TRUNCATED: throw ImageError.truncated(format: "JPEG")
    case CIMAGING_JPEG_NO_MEMORY: throw OutOfMemory(byteCount: samples.count)
    case CIMAGING_JPEG_MISMATCH:
      throw ImageError.corrupt(format: "JPEG", reason: "it has several frame headers that disagree")
    default:
      let text = message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw ImageError.corrupt(format: "JPEG", reason: String(decoding: text, as: UTF8.self))
    }
  }
}

extension RGBImage {
  /// Converts CMYK whose samples are stored inverted, as Adobe writes them and others have followed.
  init(width: Int, height: Int, invertedCMYK samples: [UInt8]) throws {
    try self.init(width: width, height: height) { pixels in
      samples.withUnsafeBufferPointer { samples in
        for i in 0..<width * height {
          let white = Int(samples[4 * i + 3])
          for channel in 0..<3 {
            let ink = 255 - Int(samples[4 * i + channel])
            // ink × white / 255, rounded.
            let product = ink * white + 128
            pixels[3 * i + channel] = UInt8(white - (product >> 8 + product) >> 8)
          }
        }
      }
    }
  }
}

/// What the markers before a JPEG's first scan say.
struct JPEGHeader {
  var width = 0
  var height = 0
  /// 1 (grey), 3 (colour) or 4 (CMYK).
  var channels = 0
  var metadata = Metadata()

  /// Reads the markers up to the first start of scan.
  ///
  /// Stray bytes and padding between segments are skipped, as other readers do.
  init(_ bytes: [UInt8]) throws {
    var reader = ByteReader(bytes, format: .jpeg)
    _ = try reader.read(2)
    while true {
      guard try reader.readUInt8() == 0xFF else { continue }
      var marker = try reader.readUInt8()
      while marker == 0xFF { marker = try reader.readUInt8() }
      switch marker {
      case 0x00, 0xC8, 0xD0...0xD9, 0xF0...0xFD: continue  // markers without a segment
      case 0x01...0xBF: throw Self.corrupt("no marker found where one is expected")
      default: break
      }
      let length = try reader.readBigEndian(UInt16.self)
      let segment = try reader.read(max(0, Int(length) - 2))
      switch marker {
      case 0xDA:
        guard channels != 0 else { throw Self.corrupt("no frame header before the first scan") }
        return
      case 0xC4, 0xCC, 0xDB...0xDD, 0xDF: continue  // tables, which the decoder reads
      case 0xC3, 0xC5...0xC7, 0xCB, 0xCD...0xCF, 0xDE:
        throw ImageError.unsupported(
          format: "JPEG", reason: "its coding is lossless or hierarchical; baseline and progressive are read")
      case 0xC0...0xCF: try readFrame(segment)
      case 0xE1: readApplicationData(segment)
      default: continue
      }
    }
  }

  private mutating func readFrame(_ segment: ArraySlice<UInt8>) throws {
    var reader = ByteReader(segment, format: .jpeg)
    let precision = try reader.readUInt8()
    guard precision == 8 else {
      throw ImageError.unsupported(format: "JPEG", reason: "\(precision) bits per sample; only 8 are read")
    }
    height = Int(try reader.readBigEndian(UInt16.self))
    width = Int(try reader.readBigEndian(UInt16.self))
    channels = Int(try reader.readUInt8())
    guard [1, 3, 4].contains(channels) else {
      throw ImageError.unsupported(format: "JPEG", reason: "\(channels) channels; 1, 3 and 4 are read")
    }
  }

  private mutating func readApplicationData(_ segment: ArraySlice<UInt8>) {
    let exifPrefix = Array("Exif\0\0".utf8)
    let xmpPrefix = Array("http://ns.adobe.com/xap/1.0/\0".utf8)
    if segment.starts(with: exifPrefix) {
      // A profile of more than 64 KiB continues in the next segment of its kind.
      metadata.exif = metadata.exif ?? []
      metadata.exif?.append(contentsOf: segment.dropFirst(exifPrefix.count))
    } else if segment.starts(with: xmpPrefix) {
      metadata.xmp = Array(segment.dropFirst(xmpPrefix.count))
    }
  }

  private static func corrupt(_ reason: String) -> ImageError {
    .corrupt(format: "JPEG", reason: reason)
  }
}
