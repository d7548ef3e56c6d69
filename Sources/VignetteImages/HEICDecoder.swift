#if Formats
  import CVignetteHEIF
  import VignetteFiles

  /// Decodes the primary image of a HEIC file with libheif, which turns it upright as its container says. EXIF's
  /// orientation repeats that, and isn't followed a second time.
  enum HEICDecoder {
    static func decode(_ bytes: [UInt8], maximumPixels: Int) throws -> RGBImage {
      guard let context = heif_context_alloc() else { throw ImageError(.outOfMemory("reading it")) }
      defer { heif_context_free(context) }
      // On this thread alone.
      heif_context_set_max_decoding_threads(context, 0)
      return try bytes.withUnsafeBufferPointer { buffer in
        try check(
          heif_context_read_from_memory_without_copy(context, buffer.baseAddress, buffer.count, nil))
        var handle: OpaquePointer?
        try check(heif_context_get_primary_image_handle(context, &handle))
        defer { heif_image_handle_release(handle) }
        let width = Int(heif_image_handle_get_width(handle))
        let height = Int(heif_image_handle_get_height(handle))
        try ImageDecoder.checkSize(
          width: width, height: height, maximumPixels: maximumPixels, format: .heic)
        // Parts of an image are no larger than what may be read of the whole. The limit is a square's side.
        heif_context_set_maximum_image_size_limit(context, Int32(clamping: side(of: maximumPixels)))
        let coded = try codedPixels(buffer, maximumPixels: maximumPixels)
        // Three planes and one of transparency, of two bytes a sample, the codec's own, and what is made of them.
        try PixelMemory.of(width: width, height: height) {
          try CheckedMemory.require(16 * max(coded, width * height))
        }
        return try pixels(of: handle, maximumPixels: maximumPixels)
      }
    }

    /// How many pixels the largest coded image has, which may be padded, and may be more than the container says.
    private static func codedPixels(_ file: UnsafeBufferPointer<UInt8>, maximumPixels: Int) throws -> Int {
      guard let coded = HEVCParameters.largestSize(in: file) else { return 0 }
      let padding = 64
      let allowed = min(max(maximumPixels, 1 << 22), Int.max / 64)
      guard max(0, coded.width - padding) * max(0, coded.height - padding) <= allowed,
        coded.width * coded.height <= Int.max / 64
      else {
        throw ImageError(.tooManyPixels(width: coded.width, height: coded.height, limit: maximumPixels))
      }
      return coded.width * coded.height
    }

    private static func pixels(of handle: OpaquePointer?, maximumPixels: Int) throws -> RGBImage {
      guard let options = heif_decoding_options_alloc() else { throw ImageError(.outOfMemory("decoding it")) }
      defer { heif_decoding_options_free(options) }
      options.pointee.convert_hdr_to_8bit = 1
      var decoded: OpaquePointer?
      try check(
        heif_decode_image(handle, &decoded, heif_colorspace_RGB, heif_chroma_interleaved_RGB, options))
      defer { heif_image_release(decoded) }
      let width = Int(heif_image_get_width(decoded, heif_channel_interleaved))
      let height = Int(heif_image_get_height(decoded, heif_channel_interleaved))
      try ImageDecoder.checkSize(width: width, height: height, maximumPixels: maximumPixels, format: .heic)
      var stride: Int32 = 0
      guard let rows = heif_image_get_plane_readonly(decoded, heif_channel_interleaved, &stride),
        stride >= 3 * width
      else { throw ImageError.corrupt(format: "HEIC", reason: "it can't be converted to RGB") }
      return try RGBImage(width: width, height: height) { pixels in
        for y in 0..<height {
          let row = UnsafeBufferPointer(start: rows + y * Int(stride), count: 3 * width)
          _ = UnsafeMutableBufferPointer(rebasing: pixels[(3 * width * y)...]).update(fromContentsOf: row)
        }
      }
    }

    private static func side(of pixels: Int) -> Int {
      var side = Int(Double(pixels).squareRoot())
      while side * side < pixels, side < Int(Int32.max) { side += 1 }
      return side
    }

    private static func check(_ error: heif_error) throws {
      guard error.code != heif_error_Ok else { return }
      guard error.subcode != heif_suberror_End_of_data else { throw ImageError.truncated(format: "HEIC") }
      let reason = error.message.map { String(cString: $0) } ?? "libheif can't read it"
      switch error.code {
      case heif_error_Unsupported_filetype, heif_error_Unsupported_feature:
        throw ImageError.unsupported(format: "HEIC", reason: reason)
      default: throw ImageError.corrupt(format: "HEIC", reason: reason)
      }
    }
  }
#endif
