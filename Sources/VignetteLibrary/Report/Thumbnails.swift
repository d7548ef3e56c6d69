import Foundation
import VignetteFiles
import VignetteImages

/// Small copies of images in a folder beside a page, named by the images' contents: a page that is made again finds
/// them.
struct Thumbnails {
  /// On a card of the page, at two pixels a point.
  private static let longestSide = 480
  private static let quality: Float = 72

  /// The folder.
  let url: URL

  /// The path of an image's copy from the folder that ``url`` is in; nil where the image can't be read.
  ///
  /// - Throws: `SystemError` where the copy can't be written.
  func path(of record: CaptionRecord, maximumPixels: Int) throws -> String? {
    guard let hash = record.contentHash?.description else { return nil }
    let folder = String(hash.prefix(2))
    let file = url.appendingPathComponent(folder).appendingPathComponent("\(hash).webp")
    let path = "\(url.lastPathComponent)/\(folder)/\(hash).webp"
    if FileSystem.exists(file) { return path }
    guard let small = Self.small(record.image, maximumPixels) else { return nil }
    try FolderMaker.make(file.deletingLastPathComponent())
    try AtomicFile.write(small, to: file)
    return path
  }

  /// A JPEG is decoded at a part of its size where that suffices: many times as fast.
  private static func small(_ image: LibraryImage, _ maximumPixels: Int) -> [UInt8]? {
    guard let (bytes, _) = try? ImageBytes.read(image, maximumPixels: maximumPixels),
      let decoded = try? ImageDecoder.decode(bytes, maximumPixels: maximumPixels, minimumSide: longestSide)
    else { return nil }
    let scale = min(1, Double(longestSide) / Double(max(1, decoded.width, decoded.height)))
    let (width, height) = (Double(decoded.width) * scale, Double(decoded.height) * scale)
    let resized = try? decoded.resized(
      width: max(1, Int(width.rounded())), height: max(1, Int(height.rounded())), resampling: .bilinear)
    return try? resized.map { try WebPEncoder.encode($0, quality: quality) }
  }
}
