import Foundation

/// The height and width of a centre crop.
public struct CropSize: Sendable, Equatable {
  public var height: Int
  public var width: Int

  public init(height: Int, width: Int) {
    self.height = height
    self.width = width
  }
}

/// Turns images into what a vision encoder takes: resized, cropped, scaled and normalised.
///
/// The properties carry the names of `preprocessor_config.json`. The reference is the Pillow backend of Transformers'
/// image processors (`backend="pil"`), whose bytes before normalising are reproduced exactly; its torchvision backend
/// resizes slightly differently.
public struct ImageProcessor: Sendable, Equatable {
  /// The class of Hugging Face's processor.
  public var kind: ImageProcessorKind
  /// Whether images are made grey before anything else, as readers of manga do it; Hugging Face's name for it is
  /// `do_grayscale`, and its processors for captioners don't have it.
  public var doGrayscale = false
  /// Whether images are resized, to ``size``.
  public var doResize = true
  /// The size to resize to.
  public var size: ImageSize
  /// How to resize.
  public var resample: Resampling
  /// Whether the middle is cut out, of ``cropSize``; images that are smaller get a black margin.
  public var doCenterCrop = false
  /// The size of the crop; must be set where ``doCenterCrop`` is.
  public var cropSize: CropSize?
  /// Whether samples are multiplied by ``rescaleFactor``.
  public var doRescale = true
  /// The factor on samples of 0 to 255.
  public var rescaleFactor = 1.0 / 255
  /// Whether ``imageMean`` is subtracted and the result divided by ``imageStd``.
  public var doNormalize = true
  /// The mean of red, green and blue.
  public var imageMean: [Double]
  /// The standard deviation of red, green and blue.
  public var imageStd: [Double]

  /// The largest number of pixels that an image may be resized or cropped to: batches of such images have to fit into
  /// memory.
  static let maximumOutputPixels = 1 << 24

  /// The longest side that a configuration may ask for.
  static let maximumSide = 1 << 15

  init(
    kind: ImageProcessorKind, size: ImageSize, resample: Resampling, imageMean: [Double],
    imageStd: [Double]
  ) {
    self.kind = kind
    self.size = size
    self.resample = resample
    self.imageMean = imageMean
    self.imageStd = imageStd
  }

  /// A processor with the defaults of its class.
  public init(kind: ImageProcessorKind = .vit) {
    self = kind.defaults
  }

  /// The height and width of what comes out, where they are the same for every image.
  public var outputSize: (height: Int, width: Int)? {
    if doCenterCrop { return cropSize.map { ($0.height, $0.width) } }
    if doResize, case .exactly(let height, let width) = size { return (height, width) }
    return nil
  }

  /// The resized and cropped image, before scaling and normalising.
  ///
  /// - Throws: ``ImageError`` where the image's shape makes the result too large or empty, or there isn't enough memory.
  public func pixels(_ image: RGBImage) throws -> RGBImage {
    var image = doGrayscale ? image.grey : image
    if doResize {
      let (height, width) = try resizedSize(of: image)
      image = try image.resized(width: width, height: height, resampling: resample)
    }
    if doCenterCrop, let cropSize {
      image = try image.centerCropped(height: cropSize.height, width: cropSize.width)
    }
    return image
  }

  /// Which part of an image of this size ``pixels(_:)`` leaves.
  package func crop(width: Int, height: Int) -> ImageArea {
    guard doCenterCrop, let cropSize, width > 0, height > 0 else { return .whole }
    let resized = doResize ? size.output(height: height, width: width) : (height, width)
    guard resized.0 > 0, resized.1 > 0 else { return .whole }
    let scale = (x: 1 / Double(resized.1), y: 1 / Double(resized.0))
    return ImageArea(
      x: Double((resized.1 - cropSize.width) >> 1) * scale.x,
      y: Double((resized.0 - cropSize.height) >> 1) * scale.y,
      width: Double(cropSize.width) * scale.x, height: Double(cropSize.height) * scale.y)
  }

  private func resizedSize(of image: RGBImage) throws -> (height: Int, width: Int) {
    guard image.height > 0, image.width > 0 else {
      throw ImageError(.unusableSize("the image is empty"))
    }
    let (height, width) = size.output(height: image.height, width: image.width)
    guard height > 0, width > 0, height <= Self.maximumOutputPixels / width else {
      throw ImageError(
        .unusableSize(
          "size: an image of \(image.width) x \(image.height) would become \(width) x \(height) pixels"))
    }
    return (height, width)
  }

  /// Writes an image's pixel values, [3, height, width].
  ///
  /// The image is one that ``pixels(_:)`` returned. As in Hugging Face, a sample is scaled in double precision and
  /// normalised in single.
  ///
  /// - Precondition: `values` has 3 × height × width elements.
  public func normalize(_ image: RGBImage, into values: UnsafeMutableBufferPointer<Float>) {
    let count = image.width * image.height
    precondition(values.count == 3 * count, "pixel values are [3, height, width]")
    image.pixels.withUnsafeBufferPointer { pixels in
      for channel in 0..<3 {
        let table = (0...255).map { value(ofSample: $0, channel: channel) }
        table.withUnsafeBufferPointer { table in
          let plane = UnsafeMutableBufferPointer(rebasing: values[(channel * count)..<(channel + 1) * count])
          for i in 0..<count { plane[i] = table[Int(pixels[3 * i + channel])] }
        }
      }
    }
  }

  /// Resizes, crops, scales and normalises an image and writes its pixel values, [3, height, width].
  ///
  /// - Precondition: `values` has 3 × height × width elements, see ``outputSize``.
  /// - Throws: What ``pixels(_:)`` throws.
  public func pixelValues(_ image: RGBImage, into values: UnsafeMutableBufferPointer<Float>) throws {
    normalize(try pixels(image), into: values)
  }

  private func value(ofSample sample: Int, channel: Int) -> Float {
    let scaled = doRescale ? Float(Double(sample) * rescaleFactor) : Float(sample)
    guard doNormalize else { return scaled }
    return (scaled - Float(imageMean[channel])) / Float(imageStd[channel])
  }
}

extension RGBImage {
  /// The image in grey, as Pillow's `convert("L")` weighs red, green and blue.
  var grey: RGBImage {
    var grey = pixels
    for i in stride(from: 0, to: grey.count, by: 3) {
      let sum = 19595 * Int(pixels[i]) + 38470 * Int(pixels[i + 1]) + 7471 * Int(pixels[i + 2])
      let luma = UInt8((sum + 0x8000) >> 16)
      (grey[i], grey[i + 1], grey[i + 2]) = (luma, luma, luma)
    }
    return RGBImage(width: width, height: height, pixels: grey)
  }

  /// The middle of the image, with a black margin where it is too small.
  ///
  /// - Throws: ``ImageError`` where there isn't enough memory.
  package func centerCropped(height newHeight: Int, width newWidth: Int) throws -> RGBImage {
    // Shifting rounds down for images that are too small, too.
    let top = (height - newHeight) >> 1
    let left = (width - newWidth) >> 1
    return try RGBImage(width: newWidth, height: newHeight) { target in
      target.initialize(repeating: 0)
      let columns = max(0, -left)..<min(newWidth, width - left)
      for y in max(0, -top)..<min(newHeight, height - top) {
        let start = 3 * ((y + top) * width + columns.lowerBound + left)
        let output = 3 * (y * newWidth + columns.lowerBound)
        for i in 0..<3 * columns.count { target[output + i] = pixels[start + i] }
      }
    }
  }
}

/// The size that images are brought to, in the ways that `preprocessor_config.json` says it.
public enum ImageSize: Sendable, Equatable {
  /// This height and width, whatever the shape: `{"height", "width"}`.
  case exactly(height: Int, width: Int)
  /// The shorter side this long, the shape kept: `{"shortest_edge"}`.
  case shortestEdge(Int)
  /// The shorter side this long unless the longer one would exceed its limit: `{"shortest_edge", "longest_edge"}`.
  case edges(shortest: Int, longest: Int)
  /// As large as fits, the shape kept: `{"max_height", "max_width"}`.
  case within(height: Int, width: Int)

  /// The size that an image of `height` × `width` gets, computed as Hugging Face's `image_transforms` does.
  ///
  /// - Precondition: `height` and `width` are positive.
  public func output(height: Int, width: Int) -> (height: Int, width: Int) {
    precondition(height > 0 && width > 0, "an image has a positive size")
    switch self {
    case .exactly(let height, let width):
      return (height, width)
    case .shortestEdge(let edge):
      let longest = Int(Double(edge * max(height, width)) / Double(min(height, width)))
      return width <= height ? (longest, edge) : (edge, longest)
    case .edges(let shortest, let longest):
      return Self.output(height: height, width: width, shortest: shortest, longest: longest)
    case .within(let maximumHeight, let maximumWidth):
      let scale = min(Double(maximumHeight) / Double(height), Double(maximumWidth) / Double(width))
      return (Int(Double(height) * scale), Int(Double(width) * scale))
    }
  }

  private static func output(
    height: Int, width: Int, shortest: Int, longest: Int
  ) -> (height: Int, width: Int) {
    var edge = shortest
    var exactEdge = Double(shortest)
    let (short, long) = (Double(min(height, width)), Double(max(height, width)))
    if long / short * Double(shortest) > Double(longest) {
      exactEdge = Double(longest) * short / long
      edge = Int(exactEdge.rounded(.toNearestOrEven))
    }
    if min(height, width) == edge { return (height, width) }
    if width < height { return (Int(exactEdge * Double(height) / Double(width)), edge) }
    return (edge, Int(exactEdge * Double(width) / Double(height)))
  }
}
