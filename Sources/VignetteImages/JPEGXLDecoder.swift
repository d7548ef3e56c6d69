#if Formats
  import CVignetteJXL
  import VignetteFiles

  /// Decodes JPEG XL with libjxl, on this thread alone: the image, or the first frame of an animation.
  ///
  /// A file that was made from a JPEG without loss is turned back into it and read as such: these are the original's
  /// pixels, which libjxl's own differ from a little.
  struct JPEGXLDecoder: ~Copyable {
    static func decode(
      _ bytes: [UInt8], maximumPixels: Int
    ) throws -> (image: RGBImage, orientation: Orientation) {
      var decoder = try JPEGXLDecoder(maximumPixels: maximumPixels)
      return try bytes.withUnsafeBufferPointer { try decoder.decode($0) }
    }

    private let decoder: OpaquePointer
    private let maximumPixels: Int
    private var info = JxlBasicInfo()
    private var samples: UnsafeMutableRawBufferPointer?
    private var jpeg: UnsafeMutableRawBufferPointer?

    private init(maximumPixels: Int) throws {
      guard let decoder = JxlDecoderCreate(nil) else { throw ImageError(.outOfMemory("reading it")) }
      self.decoder = decoder
      self.maximumPixels = maximumPixels
    }

    deinit {
      JxlDecoderDestroy(decoder)
      if let samples { CheckedMemory.free(samples) }
      if let jpeg { CheckedMemory.free(jpeg) }
    }

    private mutating func decode(
      _ bytes: UnsafeBufferPointer<UInt8>
    ) throws -> (image: RGBImage, orientation: Orientation) {
      let events =
        JXL_DEC_BASIC_INFO.rawValue | JXL_DEC_JPEG_RECONSTRUCTION.rawValue | JXL_DEC_FULL_IMAGE.rawValue
      try check(JxlDecoderSubscribeEvents(decoder, Int32(events)))
      try check(JxlDecoderSetInput(decoder, bytes.baseAddress, bytes.count))
      // No JPEG is much larger than what it was packed into.
      let largestJPEG = 1 << 20 + 16 * bytes.count
      while true {
        switch JxlDecoderProcessInput(decoder) {
        case JXL_DEC_BASIC_INFO: try readHeader()
        case JXL_DEC_JPEG_RECONSTRUCTION: try growJPEG(to: bytes.count + bytes.count / 2 + 1 << 10)
        case JXL_DEC_JPEG_NEED_MORE_OUTPUT:
          let size = 2 * (jpeg?.count ?? 0)
          guard size <= 2 * largestJPEG else { throw Self.corrupt("it unpacks to a JPEG without end") }
          try growJPEG(to: size)
        case JXL_DEC_NEED_IMAGE_OUT_BUFFER: try makeRoom()
        case JXL_DEC_FULL_IMAGE: return try result(bytes)
        case JXL_DEC_NEED_MORE_INPUT: throw ImageError.truncated(format: "JPEG XL")
        case JXL_DEC_SUCCESS: throw Self.corrupt("it holds no image")
        default: throw Self.corrupt("its data is damaged")
        }
      }
    }

    private var width: Int { Int(info.xsize) }
    private var height: Int { Int(info.ysize) }

    private mutating func readHeader() throws {
      try check(JxlDecoderGetBasicInfo(decoder, &info))
      try ImageDecoder.checkSize(
        width: width, height: height, maximumPixels: maximumPixels, format: .jpegXL)
      // Four planes of floats, what is made of them, and the codec's own; it doesn't say when it lacks memory.
      try PixelMemory.of(width: width, height: height) { try CheckedMemory.require(32 * width * height) }
    }

    // MARK: Pixels

    private var channels: Int { info.num_color_channels == 1 ? 1 : 3 }

    private var sampleType: JxlDataType {
      if info.exponent_bits_per_sample > 0 || info.bits_per_sample > 16 { return JXL_TYPE_FLOAT }
      return info.bits_per_sample > 8 ? JXL_TYPE_UINT16 : JXL_TYPE_UINT8
    }

    private var sampleSize: Int {
      switch sampleType {
      case JXL_TYPE_UINT8: 1
      case JXL_TYPE_UINT16: 2
      default: 4
      }
    }

    private mutating func makeRoom() throws {
      guard samples == nil else { throw Self.corrupt("it has several images of one frame") }
      var format = JxlPixelFormat(
        num_channels: UInt32(channels), data_type: sampleType, endianness: JXL_NATIVE_ENDIAN, align: 0)
      let size = width * height * channels * sampleSize
      var needed = 0
      try check(JxlDecoderImageOutBufferSize(decoder, &format, &needed))
      guard needed == size, size > 0 else { throw Self.corrupt("its headers disagree about its size") }
      let memory = try PixelMemory.of(width: width, height: height) { try CheckedMemory.allocate(size) }
      samples = memory
      try check(JxlDecoderSetImageOutBuffer(decoder, &format, memory.baseAddress, size))
    }

    private func result(
      _ file: UnsafeBufferPointer<UInt8>
    ) throws -> (image: RGBImage, orientation: Orientation) {
      if let jpeg {
        let count = jpeg.count - JxlDecoderReleaseJPEGBuffer(decoder)
        let file = try PixelMemory.of("its JPEG") {
          try CheckedMemory.bytes(count) { target in
            UnsafeMutableRawBufferPointer(target).copyMemory(
              from: UnsafeRawBufferPointer(rebasing: jpeg[..<count]))
          }
        }
        return try JPEGDecoder.decode(file, maximumPixels: maximumPixels)
      }
      guard let samples else { throw Self.corrupt("it holds no image") }
      // libjxl has turned it, if the image itself says so. Else EXIF counts, which writers fill in that know of no other.
      let image = try image(UnsafeRawBufferPointer(samples))
      guard info.orientation == JXL_ORIENT_IDENTITY, let exif = Self.exif(in: file) else {
        return (image, .upright)
      }
      return (image, Metadata(exif: exif, xmp: nil).orientation)
    }

    /// Samples of 8 bits as Pillow has them: of 16 bits the upper half, but grey ones cut off, as everywhere.
    private func image(_ samples: UnsafeRawBufferPointer) throws -> RGBImage {
      let step = 3 / channels
      let isGrey = channels == 1
      let type = sampleType
      return try RGBImage(width: width, height: height) { pixels in
        func fill(_ sample: (Int) -> UInt8) {
          for i in 0..<pixels.count / step {
            let value = sample(i)
            for channel in 0..<step { pixels[step * i + channel] = value }
          }
        }
        switch type {
        case JXL_TYPE_UINT8: fill { samples[$0] }
        case JXL_TYPE_UINT16:
          let values = samples.bindMemory(to: UInt16.self)
          fill { isGrey ? UInt8(min(values[$0], 255)) : UInt8(values[$0] >> 8) }
        default:
          let values = samples.bindMemory(to: Float.self)
          fill { UInt8(max(0, min(255, values[$0] * 255))) }
        }
      }
    }

    /// What the first box of that name holds, behind the four bytes that say where it begins.
    private static func exif(in file: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
      guard file.first == 0 else { return nil }
      func number(_ position: Int, _ size: Int) -> Int {
        file[position..<position + size].reduce(0) { $0 << 8 | Int($1) }
      }
      var position = 0
      while position <= file.count - 8 {
        var size = number(position, 4)
        var header = 8
        if size == 1 {
          guard position <= file.count - 16, file[position + 8] == 0 else { return nil }
          (size, header) = (number(position + 8, 8), 16)
        } else if size == 0 {
          size = file.count - position
        }
        guard size >= header, size <= file.count - position else { return nil }
        if file[position + 4..<position + 8].elementsEqual("Exif".utf8) {
          let content = file[(position + header)..<position + size]
          // Some writers leave those bytes out.
          return Array(
            TIFFHeader.signatures.contains(where: content.starts(with:)) ? content : content.dropFirst(4))
        }
        position += size
      }
      return nil
    }

    // MARK: A JPEG inside

    /// Makes room for a JPEG, of which a part may be there.
    private mutating func growJPEG(to size: Int) throws {
      let memory = try PixelMemory.of("its JPEG") { try CheckedMemory.allocate(size) }
      var filled = 0
      if let old = jpeg {
        filled = old.count - JxlDecoderReleaseJPEGBuffer(decoder)
        memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: old[..<filled]))
        CheckedMemory.free(old)
      }
      jpeg = memory
      try check(
        JxlDecoderSetJPEGBuffer(
          decoder, memory.baseAddress?.advanced(by: filled).assumingMemoryBound(to: UInt8.self), size - filled
        ))
    }

    // MARK: Errors

    private func check(_ status: JxlDecoderStatus) throws {
      guard status == JXL_DEC_SUCCESS else { throw Self.corrupt("libjxl refuses it") }
    }

    private static func corrupt(_ reason: String) -> ImageError {
      .corrupt(format: "JPEG XL", reason: reason)
    }
  }
#endif
