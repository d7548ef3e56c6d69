import Foundation
import VignetteCheckpoints
import VignetteFiles

/// The validation captions that a run's report shows, as a checkpoint keeps them: `validation_captions.json`.
struct WatchedCaptions: Codable {
  static let fileName = "validation_captions.json"

  struct ImageSource: Codable {
    let path: String
    let references: [String]
    var captions: [ValidationImage.Caption]
  }

  /// In the order of the first evaluation.
  private(set) var images: [ImageSource] = []
  /// Of the captions of the last evaluation.
  var health: CaptionHealth?

  init() {}

  /// What the checkpoint in `folder` keeps; nil if it has no such file.
  ///
  /// - Throws: ``TrainingError/checkpoint(path:problem:)`` for a file that can't be understood.
  init?(folder: URL) throws {
    let url = folder.appendingPathComponent(Self.fileName)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
    } catch {
      throw TrainingError.checkpoint(
        path: url.path,
        problem: "can't be read; remove it to go on without the captions of earlier evaluations")
    }
  }

  func save(to folder: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(encoder.encode(self)), to: folder.appendingPathComponent(Self.fileName))
  }

  /// Notes what an evaluation says of an image; the first caption counts where there are several.
  mutating func add(_ sample: EvaluatedCaption, epoch: Double, step: Int) {
    let caption = ValidationImage.Caption(epoch: epoch, step: step, text: sample.caption)
    guard let place = images.firstIndex(where: { $0.path == sample.path }) else {
      images.append(ImageSource(path: sample.path, references: sample.references, captions: [caption]))
      return
    }
    if images[place].captions.last?.step != step { images[place].captions.append(caption) }
  }
}
