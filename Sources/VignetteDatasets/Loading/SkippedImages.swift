public import Foundation
import Synchronization
import VignetteFiles

/// The images that a run could not use, gathered from all threads.
public final class SkippedImages: Sendable {
  /// What the file that lists them is called.
  public static let fileName = "skipped.jsonl"

  private let images: Mutex<[ExactString: SkippedImage]>

  /// Starts with what was missing when the data set was read.
  public init(_ images: [SkippedImage] = []) {
    self.images = Mutex(Dictionary(images.map { (ExactString($0.file), $0) }) { first, _ in first })
  }

  /// Notes an image; one that was noted before, in an earlier epoch, stays as it is.
  ///
  /// - Returns: whether it is new.
  @discardableResult
  public func record(_ image: SkippedImage) -> Bool {
    images.withLock {
      guard $0[ExactString(image.file)] == nil else { return false }
      $0[ExactString(image.file)] = image
      return true
    }
  }

  /// Notes that an image could not be read or decoded.
  @discardableResult
  public func record(_ image: CaptionedImage, because error: any Error) -> Bool {
    record(SkippedImage(image, because: error))
  }

  public var count: Int { images.withLock { $0.count } }

  /// In the order of their names.
  public var all: [SkippedImage] {
    images.withLock { Array($0.values) }.sorted { $0.file < $1.file }
  }

  /// What ``write(to:)`` wrote; nothing where there is no such file.
  ///
  /// - Throws: what names the file and the field that can't be read.
  public static func read(_ url: URL) throws -> [SkippedImage] {
    guard FileSystem.exists(url) else { return [] }
    var images: [SkippedImage] = []
    try TextLines.forEachValue(in: url) { value, _ in images.append(try SkippedImage(value)) }
    return images
  }

  /// Writes `skipped.jsonl`, a line for each image.
  public func write(to url: URL) throws {
    let lines = all.map { $0.json.text(.oneLine) + "\n" }
    try AtomicFile.write(Array(lines.joined().utf8), to: url)
  }
}
