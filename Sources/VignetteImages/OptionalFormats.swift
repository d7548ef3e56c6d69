#if Formats
  import CVignetteImages
#endif

/// The formats whose system libraries a program can do without: read with the package trait `Formats`, else refused by name.
enum OptionalFormats {
  /// - Throws: ``ImageError``.
  static func decode(
    _ bytes: [UInt8], _ format: ImageFormat, maximumPixels: Int
  ) throws -> (image: RGBImage, orientation: Orientation) {
    #if Formats
      // Errors are thrown; what the libraries print of them besides isn't the user's concern.
      cimaging_begin_quiet()
      defer { cimaging_end_quiet() }
      switch format {
      case .tiff: return try TIFFDecoder.decode(bytes, maximumPixels: maximumPixels)
      case .avif: return try AVIFDecoder.decode(bytes, maximumPixels: maximumPixels)
      case .heic: return (try HEICDecoder.decode(bytes, maximumPixels: maximumPixels), .upright)
      case .jpegXL: return try JPEGXLDecoder.decode(bytes, maximumPixels: maximumPixels)
      case .jpeg, .png, .webP, .gif, .bmp: throw ImageError.unrecognized
      }
    #else
      throw ImageError.unsupported(
        format: format.rawValue,
        reason: "this program was built without the package trait Formats; build it with that, "
          + "or convert the image to JPEG or PNG")
    #endif
  }
}
