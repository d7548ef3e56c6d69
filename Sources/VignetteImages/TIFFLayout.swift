#if Formats
  import CVignetteTIFF

  /// How a TIFF stores its pixels, as far as it is read: what Pillow reads, but for CIELab.
  struct TIFFLayout {
    enum Colours {
      case grey
      case palette
      case rgb
      /// Red, green and blue times opacity, and that.
      case premultiplied
      /// Cyan, magenta, yellow and black.
      case inks
      /// Luminance and chrominance, for libtiff to convert.
      case converted
    }

    /// How a sample becomes 8 bits.
    enum Samples {
      /// 1, 2, 4 or 8 bits, times so much.
      case scaled(Int)
      /// 16 bits, of which the upper half counts.
      case halved
      /// Unsigned integers of 12, 16 or 32 bits; what doesn't fit is cut off, as in Pillow.
      case cutOff
      case cutOffSigned
      case cutOffFloat
    }

    let colours: Colours
    let samples: Samples
    let bits: Int
    /// Samples of each pixel in the file.
    let stored: Int
    /// Whether each channel is stored apart.
    let isPlanar: Bool
    /// Whether 0 is white.
    let isInverted: Bool

    /// The samples of each pixel that are read.
    var channels: Int {
      switch colours {
      case .grey, .palette: 1
      case .rgb, .converted: 3
      case .premultiplied, .inks: 4
      }
    }

    /// - Throws: ``ImageError`` for a layout that isn't read.
    init(_ file: TIFFFile) throws {
      bits = file.field(TIFFTAG_BITSPERSAMPLE, or: 1)
      stored = file.field(TIFFTAG_SAMPLESPERPIXEL, or: 1)
      isPlanar = stored > 1 && file.field(TIFFTAG_PLANARCONFIG, or: 1) == PLANARCONFIG_SEPARATE
      let format = file.field(TIFFTAG_SAMPLEFORMAT, or: Int(SAMPLEFORMAT_UINT))
      let compression = Int32(file.field(TIFFTAG_COMPRESSION, or: 1))
      guard TIFFIsCODECConfigured(UInt16(compression)) != 0 else {
        throw ImageError.unsupported(
          format: "TIFF", reason: "its compression, number \(compression), isn't read")
      }
      // Where it is missing, Pillow takes 0 for white. Old JPEG data is always the same.
      let photometric =
        compression == COMPRESSION_OJPEG
        ? PHOTOMETRIC_YCBCR : Int32(file.field(TIFFTAG_PHOTOMETRIC, or: Int(PHOTOMETRIC_MINISWHITE)))
      let unsupported = ImageError.unsupported(
        format: "TIFF",
        reason: Self.description(photometric, format, bits: bits, samples: stored) + " aren't read")
      var inverted = false
      switch photometric {
      case PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_MINISBLACK:
        colours = .grey
        let isWhiteZero = photometric == PHOTOMETRIC_MINISWHITE
        guard let samples = Self.greySamples(format: format, bits: bits),
          stored == 1 || stored == 2 && bits == 8
        else {
          throw unsupported
        }
        // Pillow turns over no samples of more than 8 bits.
        inverted = isWhiteZero && bits <= 8
        self.samples = samples
      case PHOTOMETRIC_PALETTE
      where format == SAMPLEFORMAT_UINT && [1, 2, 4, 8].contains(bits) && stored <= 2:
        (colours, samples) = (.palette, .scaled(1))
      case PHOTOMETRIC_RGB
      where format == SAMPLEFORMAT_UINT && [8, 16].contains(bits) && (3...6).contains(stored):
        var count: UInt16 = 0
        let kinds = vignette_tiff_extra_samples(file.tiff, &count)
        let isPremultiplied = stored > 3 && count > 0 && kinds?[0] == UInt16(EXTRASAMPLE_ASSOCALPHA)
        colours = isPremultiplied ? .premultiplied : .rgb
        samples = bits == 8 ? .scaled(1) : .halved
      case PHOTOMETRIC_SEPARATED
      where format == SAMPLEFORMAT_UINT && [8, 16].contains(bits) && (4...6).contains(stored):
        colours = .inks
        samples = bits == 8 ? .scaled(1) : .halved
        inverted = true
      case PHOTOMETRIC_YCBCR where bits == 8 && stored == 1:
        (colours, samples) = (.grey, .scaled(1))
      case PHOTOMETRIC_YCBCR where bits == 8 && stored == 3:
        // libjpeg converts it to RGB, as it does for a JPEG file.
        let isJPEG = compression == COMPRESSION_JPEG && !isPlanar && vignette_tiff_convert_jpeg(file.tiff)
        (colours, samples) = (isJPEG ? .rgb : .converted, .scaled(1))
      default: throw unsupported
      }
      isInverted = inverted
    }

    private static func greySamples(format: Int, bits: Int) -> Samples? {
      switch (Int32(format), bits) {
      case (SAMPLEFORMAT_UINT, 1), (SAMPLEFORMAT_UINT, 2), (SAMPLEFORMAT_UINT, 4), (SAMPLEFORMAT_UINT, 8):
        .scaled(255 / (1 << bits - 1))
      case (SAMPLEFORMAT_INT, 8): .scaled(1)
      case (SAMPLEFORMAT_UINT, 12), (SAMPLEFORMAT_UINT, 16), (SAMPLEFORMAT_UINT, 32): .cutOff
      case (SAMPLEFORMAT_INT, 16), (SAMPLEFORMAT_INT, 32): .cutOffSigned
      case (SAMPLEFORMAT_IEEEFP, 32): .cutOffFloat
      default: nil
      }
    }

    private static func description(_ photometric: Int32, _ format: Int, bits: Int, samples: Int) -> String {
      let colours =
        switch photometric {
        case PHOTOMETRIC_MINISWHITE, PHOTOMETRIC_MINISBLACK: "grey"
        case PHOTOMETRIC_PALETTE: "palette"
        case PHOTOMETRIC_RGB: "RGB"
        case PHOTOMETRIC_SEPARATED: "ink"
        case PHOTOMETRIC_YCBCR: "luminance and chrominance"
        case PHOTOMETRIC_CIELAB, PHOTOMETRIC_ICCLAB, PHOTOMETRIC_ITULAB: "CIELab"
        default: "photometric \(photometric)"
        }
      let kind =
        switch Int32(format) {
        case SAMPLEFORMAT_UINT: ""
        case SAMPLEFORMAT_INT: "signed "
        case SAMPLEFORMAT_IEEEFP: "float "
        default: "untyped "
        }
      return "\(colours) pixels of \(samples) \(kind)sample\(samples == 1 ? "" : "s") of \(bits) bits"
    }
  }
#endif
