#if Formats
  import CVignetteAVIF
  import VignetteFiles

  /// Decodes AVIF with libavif: the image, or the first frame of a sequence.
  enum AVIFDecoder {
    static func decode(
      _ bytes: [UInt8], maximumPixels: Int
    ) throws -> (image: RGBImage, orientation: Orientation) {
      guard let decoder = avifDecoderCreate() else { throw ImageError(.outOfMemory("reading it")) }
      defer { avifDecoderDestroy(decoder) }
      decoder.pointee.maxThreads = 1
      decoder.pointee.imageDimensionLimit = 0
      // Files of early writers lack what later versions of the standard ask for; Pillow reads them, too.
      decoder.pointee.strictFlags &= ~(AVIF_STRICT_CLAP_VALID.rawValue | AVIF_STRICT_PIXI_REQUIRED.rawValue)
      return try bytes.withUnsafeBufferPointer { buffer in
        let image = try parse(buffer, decoder, maximumPixels: maximumPixels)
        let (width, height) = (Int(image.pointee.width), Int(image.pointee.height))
        try ImageDecoder.checkSize(
          width: width, height: height, maximumPixels: maximumPixels, format: .avif)
        // Three planes and one of transparency, of two bytes a sample, and the codec's own.
        try PixelMemory.of(width: width, height: height) { try CheckedMemory.require(16 * width * height) }
        try check(avifDecoderNextImage(decoder), decoder)
        return (try pixels(of: image, decoder, width: width, height: height), orientation(of: image))
      }
    }

    /// Reads what comes before the image's data.
    private static func parse(
      _ bytes: UnsafeBufferPointer<UInt8>, _ decoder: UnsafeMutablePointer<avifDecoder>, maximumPixels: Int
    ) throws -> UnsafeMutablePointer<avifImage> {
      // libavif accepts no larger limit than its own.
      let largest = 16384 * 16384
      let limits = [max(1, min(maximumPixels, largest)), largest]
      var result = AVIF_RESULT_UNKNOWN_ERROR
      // A size that is refused is told: what the header says is all that the second time is for.
      for (i, limit) in limits.enumerated() {
        decoder.pointee.imageSizeLimit = UInt32(limit)
        try check(avifDecoderSetIOMemory(decoder, bytes.baseAddress, bytes.count), decoder)
        let parsed = avifDecoderParse(decoder)
        guard parsed == AVIF_RESULT_OK, let image = decoder.pointee.image else {
          if i == 0 { result = parsed }
          continue
        }
        if i == 0 { return image }
        try ImageDecoder.checkSize(
          width: Int(image.pointee.width), height: Int(image.pointee.height), maximumPixels: maximumPixels,
          format: .avif)
      }
      throw error(result, decoder)
    }

    private static func pixels(
      of image: UnsafeMutablePointer<avifImage>, _ decoder: UnsafeMutablePointer<avifDecoder>, width: Int,
      height: Int
    ) throws -> RGBImage {
      var target = avifRGBImage()
      avifRGBImageSetDefaults(&target, image)
      target.depth = 8
      // Transparency is decoded and dropped: without, colours would be blended with black where it is premultiplied.
      let channels = decoder.pointee.alphaPresent != 0 ? 4 : 3
      target.format = channels == 4 ? AVIF_RGB_FORMAT_RGBA : AVIF_RGB_FORMAT_RGB
      target.rowBytes = UInt32(channels * width)
      guard channels == 4 else {
        return try RGBImage(width: width, height: height) { pixels in
          target.pixels = pixels.baseAddress
          try check(avifImageYUVToRGB(image, &target), decoder)
        }
      }
      return try PixelMemory.of(width: width, height: height) {
        let samples = try CheckedMemory.allocate(4 * width * height)
        defer { CheckedMemory.free(samples) }
        target.pixels = samples.bindMemory(to: UInt8.self).baseAddress
        try check(avifImageYUVToRGB(image, &target), decoder)
        return try RGBImage(width: width, height: height) { pixels in
          for i in 0..<width * height {
            for channel in 0..<3 { pixels[3 * i + channel] = samples[4 * i + channel] }
          }
        }
      }
    }

    /// What the container says, where EXIF contradicts it; XMP counts where neither says anything.
    private static func orientation(of image: UnsafeMutablePointer<avifImage>) -> Orientation {
      let flags = image.pointee.transformFlags
      let turns = flags & AVIF_TRANSFORM_IROT.rawValue != 0 ? Int(image.pointee.irot.angle & 3) : 0
      let axis: Int? =
        flags & AVIF_TRANSFORM_IMIR.rawValue != 0 ? Int(vignette_avif_mirror_axis(image) & 1) : nil
      let orientation = Orientation(turns: turns, mirrorAxis: axis)
      guard orientation == .upright else { return orientation }
      if EXIF.orientation(in: data(image.pointee.exif)) != nil { return .upright }
      return Metadata(exif: nil, xmp: data(image.pointee.xmp)).orientation
    }

    private static func data(_ data: avifRWData) -> [UInt8] {
      Array(UnsafeBufferPointer(start: data.data, count: data.size))
    }

    private static func check(_ result: avifResult, _ decoder: UnsafeMutablePointer<avifDecoder>) throws {
      guard result == AVIF_RESULT_OK else { throw error(result, decoder) }
    }

    private static func error(_ result: avifResult, _ decoder: UnsafeMutablePointer<avifDecoder>)
      -> ImageError
    {
      let details = withUnsafeBytes(of: decoder.pointee.diag.error) { text in
        String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
      }
      let reason = details.isEmpty ? String(cString: avifResultToString(result)) : details
      switch result {
      case AVIF_RESULT_TRUNCATED_DATA: return .truncated(format: "AVIF")
      case AVIF_RESULT_NO_CODEC_AVAILABLE, AVIF_RESULT_NOT_IMPLEMENTED, AVIF_RESULT_UNSUPPORTED_DEPTH:
        return .unsupported(format: "AVIF", reason: reason)
      default: return .corrupt(format: "AVIF", reason: reason)
      }
    }
  }

  extension Orientation {
    /// What HEIF's boxes say: first turned anticlockwise so many times by 90°, then mirrored, from top to bottom (0) or
    /// from left to right (1).
    fileprivate init(turns: Int, mirrorAxis: Int?) {
      let plain: [Orientation] = [.upright, .turnedRight, .upsideDown, .turnedLeft]
      let exchanged: [[Orientation]] = [
        [.flipped, .transposed, .mirrored, .transversed], [.mirrored, .transversed, .flipped, .transposed],
      ]
      self = mirrorAxis.map { exchanged[$0][turns] } ?? plain[turns]
    }
  }
#endif
