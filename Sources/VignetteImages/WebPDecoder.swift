import CVignetteWebP
import VignetteFiles

/// Decodes WebP with libwebp: the first frame on its canvas, which for a still image is the image.
enum WebPDecoder {
  static func decode(
    _ bytes: [UInt8], maximumPixels: Int
  ) throws -> (image: RGBImage, orientation: Orientation) {
    let (width, height) = try size(of: bytes)
    try ImageDecoder.checkSize(width: width, height: height, maximumPixels: maximumPixels, format: .webP)
    // libwebp's two canvases and what it decodes into; it doesn't say when it lacks memory.
    try PixelMemory.of(width: width, height: height) { try CheckedMemory.require(20 * width * height) }
    return try bytes.withUnsafeBufferPointer { buffer in
      var data = WebPData(bytes: buffer.baseAddress, size: buffer.count)
      guard let decoder = WebPAnimDecoderNewInternal(&data, nil, Int32(WEBP_DEMUX_ABI_VERSION)) else {
        throw ImageError.corrupt(format: "WebP", reason: "its structure is damaged or cut short")
      }
      defer { WebPAnimDecoderDelete(decoder) }
      return (try firstFrame(decoder, width: width, height: height), metadata(decoder).orientation)
    }
  }

  /// The canvas size that the first chunk claims.
  private static func size(of bytes: [UInt8]) throws -> (width: Int, height: Int) {
    var reader = ByteReader(bytes, format: .webP)
    try reader.seek(to: 12)
    let chunk = try reader.read(4)
    if chunk.elementsEqual("VP8X".utf8) {
      try reader.seek(to: 24)
      let (width, height) = (try reader.read(3), try reader.read(3))
      let number = { (bytes: ArraySlice<UInt8>) in bytes.reversed().reduce(0) { $0 << 8 | Int($1) } + 1 }
      return (number(width), number(height))
    } else if chunk.elementsEqual("VP8L".utf8) {
      try reader.seek(to: 21)
      let bits = Int(try reader.readLittleEndian(UInt32.self))
      return (bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
    } else if chunk.elementsEqual("VP8 ".utf8) {
      try reader.seek(to: 26)
      let (width, height) = (
        try reader.readLittleEndian(UInt16.self), try reader.readLittleEndian(UInt16.self)
      )
      return (Int(width) & 0x3FFF, Int(height) & 0x3FFF)
    }
    throw ImageError.corrupt(format: "WebP", reason: "no image chunk follows its header")
  }

  private static func firstFrame(
    _ decoder: OpaquePointer, width: Int, height: Int
  ) throws -> RGBImage {
    var info = WebPAnimInfo()
    guard WebPAnimDecoderGetInfo(decoder, &info) != 0,
      Int(info.canvas_width) == width, Int(info.canvas_height) == height
    else { throw ImageError.corrupt(format: "WebP", reason: "its headers disagree about its size") }
    if let image = try opaqueFrame(decoder, width: width, height: height) { return image }
    var canvas: UnsafeMutablePointer<UInt8>?
    var timestamp: Int32 = 0
    guard WebPAnimDecoderGetNext(decoder, &canvas, &timestamp) != 0, let canvas else {
      throw ImageError.corrupt(format: "WebP", reason: "its first frame can't be decoded")
    }
    return try RGBImage(width: width, height: height) { pixels in
      for i in 0..<width * height {
        pixels[3 * i] = canvas[4 * i]
        pixels[3 * i + 1] = canvas[4 * i + 1]
        pixels[3 * i + 2] = canvas[4 * i + 2]
      }
    }
  }

  /// The only frame, where it covers the canvas and has no transparency: decoded into its place, without the canvases of
  /// four bytes a pixel, which cost two to three times the image.
  private static func opaqueFrame(
    _ decoder: OpaquePointer, width: Int, height: Int
  ) throws -> RGBImage? {
    var frame = WebPIterator()
    guard let demuxer = WebPAnimDecoderGetDemuxer(decoder), WebPDemuxGetFrame(demuxer, 1, &frame) != 0 else {
      return nil
    }
    defer { WebPDemuxReleaseIterator(&frame) }
    guard frame.num_frames == 1, frame.has_alpha == 0, frame.x_offset == 0, frame.y_offset == 0,
      Int(frame.width) == width, Int(frame.height) == height
    else { return nil }
    return try RGBImage(width: width, height: height) { pixels in
      let decoded = WebPDecodeRGBInto(
        frame.fragment.bytes, frame.fragment.size, pixels.baseAddress, pixels.count, Int32(3 * width))
      guard decoded != nil else {
        throw ImageError.corrupt(format: "WebP", reason: "its first frame can't be decoded")
      }
    }
  }

  private static func metadata(_ decoder: OpaquePointer) -> Metadata {
    guard let demuxer = WebPAnimDecoderGetDemuxer(decoder) else { return Metadata() }
    func chunk(_ name: String) -> [UInt8]? {
      var iterator = WebPChunkIterator()
      guard WebPDemuxGetChunk(demuxer, name, 1, &iterator) != 0 else { return nil }
      defer { WebPDemuxReleaseChunkIterator(&iterator) }
      return [UInt8](UnsafeBufferPointer(start: iterator.chunk.bytes, count: iterator.chunk.size))
    }
    return Metadata(exif: chunk("EXIF"), xmp: chunk("XMP "))
  }
}
