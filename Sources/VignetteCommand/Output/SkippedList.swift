import Foundation
import VignetteCheckpoints
import VignetteDatasets
import VignetteFiles

/// The trainer's list of the images that it left out.
struct SkippedList {
  private let url: URL

  init(_ run: URL) { url = run.appendingPathComponent(SkippedImages.fileName) }

  /// How many there are, and where their names stand; nil for none.
  var sentence: String? {
    guard let text = try? TextFile.read(url) else { return nil }
    let count = text.split(separator: "\n").count
    let images = count == 1 ? "1 image" : "\(count) images"
    return
      "\(images) could not be read and \(count == 1 ? "was" : "were") left out; see \(url.relativePath)"
  }
}
