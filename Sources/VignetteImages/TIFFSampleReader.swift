#if Formats
  import CVignetteTIFF
  import VignetteFiles

  /// Reads a TIFF's strips or tiles, one at a time, as samples of 8 bits.
  struct TIFFSampleReader {
    private let layout: TIFFLayout
    private let isTiled: Bool
    /// The size of a strip or a tile in pixels, and of its rows and all of it in bytes.
    private let blockWidth: Int
    private let blockHeight: Int
    private let rowBytes: Int
    private let blockBytes: Int

    /// - Throws: ``ImageError`` for blocks that make no sense, or that are more than may be read.
    init(_ file: TIFFFile, _ layout: TIFFLayout, maximumPixels: Int) throws {
      let tiff = file.tiff
      self.layout = layout
      isTiled = TIFFIsTiled(tiff) != 0
      if isTiled {
        blockWidth = Int(vignette_tiff_uint32(tiff, UInt32(TIFFTAG_TILEWIDTH), 0))
        blockHeight = Int(vignette_tiff_uint32(tiff, UInt32(TIFFTAG_TILELENGTH), 0))
        // A small image may have one tile that is larger.
        try ImageDecoder.checkSize(
          width: blockWidth, height: blockHeight, maximumPixels: max(maximumPixels, 1 << 24), format: .tiff)
        (rowBytes, blockBytes) = (Int(TIFFTileRowSize(tiff)), Int(TIFFTileSize(tiff)))
      } else {
        blockWidth = file.width
        blockHeight = min(file.height, Int(vignette_tiff_uint32(tiff, UInt32(TIFFTAG_ROWSPERSTRIP), .max)))
        (rowBytes, blockBytes) = (Int(TIFFScanlineSize(tiff)), Int(TIFFStripSize(tiff)))
      }
      let inRow = blockWidth * (layout.isPlanar ? 1 : layout.stored)
      let (whole, overflow) = rowBytes.multipliedReportingOverflow(by: max(1, blockHeight))
      guard blockHeight > 0, rowBytes >= (inRow * layout.bits + 7) / 8, !overflow, blockBytes >= whole else {
        throw file.failure
      }
      let isPacked = Int32(file.field(TIFFTAG_COMPRESSION, or: 1)) != COMPRESSION_NONE
      let planes = layout.isPlanar ? layout.channels : 1
      guard isPacked || isTiled || rowBytes * planes <= file.byteCount / file.height else {
        throw ImageError.truncated(format: "TIFF")
      }
    }

    /// Reads the samples of all channels, interleaved.
    func read(_ file: TIFFFile, into target: UnsafeMutableBufferPointer<UInt8>) throws {
      let block = try CheckedMemory.allocate(blockBytes)
      defer { CheckedMemory.free(block) }
      for plane in 0..<(layout.isPlanar ? layout.channels : 1) {
        for y in stride(from: 0, to: file.height, by: blockHeight) {
          for x in stride(from: 0, to: file.width, by: blockWidth) {
            let (columns, rows) = (min(blockWidth, file.width - x), min(blockHeight, file.height - y))
            try load(file, x: x, y: y, plane: plane, rows: rows, into: block)
            for row in 0..<rows {
              let start = layout.channels * ((y + row) * file.width + x)
              convert(
                UnsafeRawBufferPointer(rebasing: block[(row * rowBytes)..<(row + 1) * rowBytes]),
                plane: plane,
                to: UnsafeMutableBufferPointer(
                  rebasing: target[start..<start + layout.channels * columns]))
            }
          }
        }
      }
    }

    private func load(
      _ file: TIFFFile, x: Int, y: Int, plane: Int, rows: Int,
      into block: UnsafeMutableRawBufferPointer
    ) throws {
      let tiff = file.tiff
      let count =
        isTiled
        ? TIFFReadTile(tiff, block.baseAddress, UInt32(x), UInt32(y), 0, UInt16(plane))
        : TIFFReadEncodedStrip(
          tiff, TIFFComputeStrip(tiff, UInt32(y), UInt16(plane)), block.baseAddress, tmsize_t(block.count))
      guard Int(count) >= rows * rowBytes else { throw file.failure }
    }

    /// Writes the channels of a row's pixels that are stored together.
    private func convert(
      _ row: UnsafeRawBufferPointer, plane: Int, to target: UnsafeMutableBufferPointer<UInt8>
    ) {
      let channels = layout.channels
      let (step, taken) = layout.isPlanar ? (1, 1) : (layout.stored, channels)
      let mask: UInt8 = layout.isInverted ? 255 : 0
      func fill(_ sample: (Int) -> UInt8) {
        for x in 0..<target.count / channels {
          for channel in 0..<taken {
            target[x * channels + plane + channel] = sample(x * step + channel) ^ mask
          }
        }
      }
      switch (layout.samples, layout.bits) {
      case (.scaled(1), 8): fill { row[$0] }
      case (.scaled(let factor), let bits):
        let perByte = 8 / bits
        let largest = UInt8(truncatingIfNeeded: 1 << bits - 1)
        fill {
          UInt8(
            truncatingIfNeeded: Int(row[$0 / perByte] >> (8 - bits * ($0 % perByte + 1)) & largest) * factor)
        }
      case (.cutOff, 12):
        fill {
          let bytes = UInt32(row[3 * $0 / 2]) << 8 | UInt32(row[3 * $0 / 2 + 1])
          return UInt8(clamping: $0 % 2 == 0 ? bytes >> 4 : bytes & 0xFFF)
        }
      case (.halved, _): fill { UInt8(row.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self) >> 8) }
      case (.cutOff, 16): fill { UInt8(clamping: row.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)) }
      case (.cutOff, _): fill { UInt8(clamping: row.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
      case (.cutOffSigned, 16):
        fill { UInt8(clamping: row.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self)) }
      case (.cutOffSigned, _):
        fill { UInt8(clamping: row.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) }
      case (.cutOffFloat, _):
        fill {
          let value = row.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)
          return value >= 255 ? 255 : value > 0 ? UInt8(value) : 0
        }
      }
    }
  }
#endif
