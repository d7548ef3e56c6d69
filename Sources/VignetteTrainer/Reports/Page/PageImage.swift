import Foundation
import VignetteImages

/// An image for a page that holds it.
enum PageImage {
  private static let largestFile = 400_000
  private static let longestSide = 640

  /// The file as it is if it is small and browsers know its kind, else a smaller PNG; nil if it can't be read.
  static func data(contentsOf url: URL) -> Data? {
    guard let file = try? Data(contentsOf: url, options: .mappedIfSafe) else { return nil }
    if file.count <= largestFile, ValidationImage.mediaType(file) != nil { return file }
    return (try? ImageDecoder.decode(file)).flatMap(smaller)
  }

  private static func smaller(_ image: RGBImage) -> Data? {
    let scale = min(1, Double(longestSide) / Double(max(1, image.width, image.height)))
    let (width, height) = (Double(image.width) * scale, Double(image.height) * scale)
    let resized = image.resized(
      width: max(1, Int(width.rounded())), height: max(1, Int(height.rounded())), resampling: .bicubic)
    return (try? PNGEncoder.encode(resized)).map { Data($0) }
  }
}
