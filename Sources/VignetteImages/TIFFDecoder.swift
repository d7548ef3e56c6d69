#if Formats
  import CVignetteTIFF
  import VignetteFiles

  /// Decodes the first page of a TIFF with libtiff. Samples become colours as in Pillow, which libtiff's own conversion
  /// differs from; that is used for luminance and chrominance alone, as by Pillow.
  enum TIFFDecoder {
    static func decode(
      _ bytes: [UInt8], maximumPixels: Int
    ) throws -> (image: RGBImage, orientation: Orientation) {
      try bytes.withUnsafeBufferPointer { buffer in
        let file = try TIFFFile(buffer, maximumPixels: maximumPixels)
        let (width, height) = (file.width, file.height)
        try ImageDecoder.checkSize(
          width: width, height: height, maximumPixels: maximumPixels, format: .tiff)
        let orientation = file.orientation
        let image = try PixelMemory.of(width: width, height: height) {
          try pixels(of: file, TIFFLayout(file), maximumPixels: maximumPixels)
        }
        return (image, orientation)
      }
    }

    private static func pixels(
      of file: TIFFFile, _ layout: TIFFLayout, maximumPixels: Int
    ) throws -> RGBImage {
      let (width, height) = (file.width, file.height)
      if layout.colours == .converted { return try file.converted() }
      let reader = try TIFFSampleReader(file, layout, maximumPixels: maximumPixels)
      let channels = layout.channels
      if channels == 3 {
        return try RGBImage(width: width, height: height) { try reader.read(file, into: $0) }
      }
      let samples = try CheckedMemory.bytes(width * height * channels) { try reader.read(file, into: $0) }
      switch layout.colours {
      case .palette:
        return try RGBImage(
          width: width, height: height, indices: samples, palette: file.palette(layout.bits))
      case .inks: return try RGBImage(width: width, height: height, invertedCMYK: samples)
      case .premultiplied: return try RGBImage(width: width, height: height, premultiplied: samples)
      case .grey, .rgb, .converted: return try RGBImage(width: width, height: height, grey: samples)
      }
    }
  }

  extension RGBImage {
    /// Divides colours by their opacity, as Pillow does.
    fileprivate init(width: Int, height: Int, premultiplied samples: [UInt8]) throws {
      try self.init(width: width, height: height) { pixels in
        samples.withUnsafeBufferPointer { samples in
          for i in 0..<width * height {
            let opacity = Int(samples[4 * i + 3])
            for channel in 0..<3 {
              let sample = Int(samples[4 * i + channel])
              pixels[3 * i + channel] = opacity == 0 ? 0 : UInt8(min(255, sample * 255 / opacity))
            }
          }
        }
      }
    }
  }

  /// A TIFF in memory, open at its first page.
  final class TIFFFile {
    let tiff: OpaquePointer
    private let source: UnsafeMutablePointer<vignette_tiff_source>
    let width: Int
    let height: Int

    /// - Parameter bytes: the file, which stays where it is as long as this.
    /// - Throws: ``ImageError`` where it has no page.
    init(_ bytes: UnsafeBufferPointer<UInt8>, maximumPixels: Int) throws {
      source = .allocate(capacity: 1)
      var start = vignette_tiff_source()
      start.bytes = bytes.baseAddress
      start.count = UInt64(bytes.count)
      source.initialize(to: start)
      // As much as a whole page of the largest samples takes, or a file's directories.
      let largest = max(1 << 26, bytes.count, 16 * min(maximumPixels, Int.max / 32))
      guard let tiff = vignette_tiff_open(source, tmsize_t(largest)) else {
        let error = Self.failure(source.pointee)
        source.deallocate()
        throw error
      }
      self.tiff = tiff
      width = Int(vignette_tiff_uint32(tiff, UInt32(TIFFTAG_IMAGEWIDTH), 0))
      height = Int(vignette_tiff_uint32(tiff, UInt32(TIFFTAG_IMAGELENGTH), 0))
    }

    deinit {
      TIFFClose(tiff)
      source.deallocate()
    }

    /// What libtiff found wrong.
    var failure: ImageError { Self.failure(source.pointee) }

    private static func failure(_ source: vignette_tiff_source) -> ImageError {
      guard !source.ended else { return .truncated(format: "TIFF") }
      let text = withUnsafeBytes(of: source.message) { text in
        String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
      }
      return .corrupt(format: "TIFF", reason: text.isEmpty ? "it has no page that can be read" : text)
    }

    /// The number of bytes that the file has.
    var byteCount: Int { Int(source.pointee.count) }

    func field(_ tag: Int32, or otherwise: Int = 0) -> Int {
      Int(vignette_tiff_uint16(tiff, UInt32(tag), UInt16(otherwise)))
    }

    /// The tag's, or XMP's where there is none.
    var orientation: Orientation {
      if vignette_tiff_has_uint16(tiff, UInt32(TIFFTAG_ORIENTATION)) {
        return Orientation(rawValue: field(TIFFTAG_ORIENTATION)) ?? .upright
      }
      var count: UInt32 = 0
      guard let xmp = vignette_tiff_xmp(tiff, &count) else { return .upright }
      return Metadata(exif: nil, xmp: Array(UnsafeBufferPointer(start: xmp, count: Int(count)))).orientation
    }

    /// The colours of a palette, whose samples have 16 bits.
    func palette(_ bits: Int) throws -> Palette {
      var (red, green, blue): (UnsafePointer<UInt16>?, UnsafePointer<UInt16>?, UnsafePointer<UInt16>?)
      guard vignette_tiff_palette(tiff, &red, &green, &blue), let red, let green, let blue else {
        throw ImageError.corrupt(format: "TIFF", reason: "it has no palette")
      }
      return Palette(
        rgb: (0..<1 << bits).flatMap { i in [red[i], green[i], blue[i]].map { UInt8($0 >> 8) } })
    }

    /// The page as libtiff converts it to RGB.
    func converted() throws -> RGBImage {
      // Rows come as they are stored; the image is turned afterwards, as others are.
      vignette_tiff_forget_orientation(tiff)
      let count = width * height
      let raster = try CheckedMemory.allocate(4 * count)
      defer { CheckedMemory.free(raster) }
      let pixels = raster.bindMemory(to: UInt32.self)
      guard
        TIFFReadRGBAImageOriented(
          tiff, UInt32(width), UInt32(height), pixels.baseAddress, ORIENTATION_TOPLEFT, 1) != 0
      else { throw failure }
      return try RGBImage(width: width, height: height) { target in
        for i in 0..<count {
          for channel in 0..<3 {
            target[3 * i + channel] = UInt8(truncatingIfNeeded: pixels[i] >> (8 * channel))
          }
        }
      }
    }
  }
#endif
