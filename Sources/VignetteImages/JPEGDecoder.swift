import CVignetteImages

/// Decodes JPEG with libjpeg: accurate inverse transform, smooth upsampling, no scaling.
enum JPEGDecoder {
  static func decode(
    _ bytes: [UInt8], maximumPixels: Int
  ) throws -> (image: RGBImage, orientation: Orientation) {
    let header = try JPEGHeader(bytes)
    try ImageDecoder.checkSize(
      width: header.width, height: header.height, maximumPixels: maximumPixels, format: .jpeg)
    let orientation = header.metadata.orientation
    if header.channels == 3 {
      let image = try RGBImage(width: header.width, height: header.height) { samples in
        try readSamples(of: bytes, header, into: samples)
      }
      return (image, orientation)
    }
    let count = header.width * header.height * header.channels
    let samples = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      try readSamples(of: bytes, header, into: buffer)
      initialized = count
    }
    let image =
      header.channels == 1
      ? RGBImage(width: header.width, height: header.height, grey: samples)
      : RGBImage(width: header.width, height: header.height, invertedCMYK: samples)
    return (image, orientation)
  }

  private static func readSamples(
    of bytes: [UInt8], _ header: JPEGHeader, into samples: UnsafeMutableBufferPointer<UInt8>
  ) throws {
    var message = [CChar](repeating: 0, count: Int(CIMAGING_JPEG_MESSAGE_LENGTH))
    let status = cimaging_jpeg_decode(
      bytes, bytes.count, UInt32(header.width), UInt32(header.height), UInt32(header.channels),
      samples.baseAddress, &message)
    switch status {
    case CIMAGING_JPEG_OK: return
    case CIMAGING_JPEG_TRUNCATED: throw ImageError.truncated(format: "JPEG")
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
  fileprivate init(width: Int, height: Int, invertedCMYK samples: [UInt8]) {
    self.init(width: width, height: height) { pixels in
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
