public import Foundation
public import Vignette
import VignetteCheckpoints
import VignetteFiles
import VignetteImages
public import VignetteMetrics
import VignetteModels
import VignetteTensors
import VignetteTokenizers

/// A caption with its image, to be scored.
public struct ImageText: Sendable {
  public var image: ImageSource
  public var caption: String
  /// What people wrote about the image; may be empty.
  public var references: [String]

  public init(_ image: some ImageSourceConvertible, caption: String, references: [String] = []) {
    self.image = image.imageSource
    self.caption = caption
    self.references = references
  }
}

extension ImageText {
  init(_ caption: EvaluatedCaption) {
    self.init(
      URL(fileURLWithPath: caption.path), caption: caption.caption, references: caption.references)
  }
}

/// Scores captions by their images, with no need of references: by a CLIP model `CLIPScore`, and `RefCLIPScore` of captions
/// that have references; by BLIP's retrieval model the probability `BLIP_ITM` that both match, and their cosine `BLIP_ITC`; by SigLIP the probability
/// `SigLIP` that they do.
///
/// ```swift
/// let scorer = try await ImageTextScorer(at: clip)
/// let scores = try await scorer.scores(of: [ImageText(photo, caption: "two dogs on a beach")])
/// for score in scores { print(score.name, score.value) }
/// ```
///
/// Definitions: CLIPScore is 2.5 · max(cos, 0) with the prompt "A photo depicts ", RefCLIPScore its harmonic mean with the
/// largest cosine to a reference (Hessel et al., 2021). Scores of different models can't be compared; the paper's is CLIP
/// ViT-B/32. A scorer lives on the compute thread, and computes in float32.
@ComputeThread
public final class ImageTextScorer {
  /// The kinds of models that give scores.
  public enum Kind: String, Sendable, CaseIterable {
    case clip
    case blip
    case siglip
  }

  /// The folder of the model.
  public nonisolated let folder: URL
  /// The files of the model's weights.
  public nonisolated let weightFiles: [URL]
  /// Names of the scores, in their order.
  public nonisolated let scoreNames: [String]
  private let measure: any ImageTextMeasure
  private let tokenizer: any Tokenizer
  private let processor: ImageProcessor
  private let batchSize: Int
  /// What stands around each text.
  private let specialTokens: (before: [Int], after: [Int])

  /// Loads a model with its tokenizer and its image processor: a whole CLIP or SigLIP, or a `BlipForImageTextRetrieval`.
  ///
  /// - Parameters:
  ///   - kinds: the kinds that will do.
  ///   - batchSize: captions that go through the model at a time.
  /// - Throws: an error that names the file and what is wrong with it.
  public init(at folder: URL, kinds: [Kind] = Kind.allCases, batchSize: Int = 8) throws {
    let parts = try ImageTextParts(at: folder, kinds: kinds)
    self.folder = folder
    (measure, tokenizer, processor) = (parts.measure, parts.tokenizer, parts.processor)
    self.batchSize = max(1, batchSize)
    specialTokens = parts.specialTokens
    weightFiles = try CheckpointFolder(at: folder).weightFiles
    scoreNames = measure.scoreNames
  }

  /// Whether a folder holds such a model, as far as can be told without reading the weights' values.
  package nonisolated static func isServed(by folder: URL) -> Bool {
    (try? ImageTextParts(at: folder, kinds: Kind.allCases, readsWeights: false)) != nil
  }

  /// The scores of a set of captions, each with the captions' own; those that need references only where all have some.
  ///
  /// - Parameter progress: called with the captions done, from 0 on, and their number.
  /// - Throws: `ImageError` for an image that can't be read; `ModelError` for one of a size that the model doesn't take;
  ///   `FileError` for a damaged model, whose scores aren't finite; `CancellationError`.
  public func scores(
    of captions: [ImageText], progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws -> [MetricScore] {
    try await tally(of: captions, skipsUnreadable: false, progress: progress).scores
  }

  /// - Parameter skipsUnreadable: whether captions whose images can't be read are left out, rather than the first such
  ///   image's error thrown.
  func tally(
    of captions: [ImageText], skipsUnreadable: Bool, progress: (_ done: Int, _ total: Int) -> Void
  ) async throws -> ImageTextTally {
    var tally = ImageTextTally(scoreNames)
    for start in stride(from: 0, to: captions.count, by: batchSize) {
      try Task.checkCancellation()
      progress(start, captions.count)
      var batch: [(text: ImageText, image: RGBImage)] = []
      for index in start..<min(start + batchSize, captions.count) {
        do {
          batch.append((captions[index], try image(of: captions[index])))
        } catch  where skipsUnreadable {
          tally.unreadable.append((index, error))
        }
      }
      if !batch.isEmpty { tally.add(try values(of: batch.map(\.text), images: batch.map(\.image))) }
      await Task.yield()
    }
    progress(captions.count, captions.count)
    return tally
  }

  private func image(of text: ImageText) throws -> RGBImage { try processor.pixels(text.image.load()) }

  /// For each caption its values in the order of ``scoreNames``; nil where one needs references and there are none.
  ///
  /// - Throws: as ``scores(of:progress:)``, and `FileError` where a value is no finite number.
  package func values(of captions: [ImageText]) throws -> [[Double?]] {
    try values(of: captions, images: captions.map(image))
  }

  private func values(of captions: [ImageText], images: [RGBImage]) throws -> [[Double?]] {
    let values = try computedValues(of: captions, images)
    guard values.joined().allSatisfy({ $0?.isFinite != false }) else {
      throw FileError(
        folder.path,
        "the scores are no finite numbers: the weights, or the preprocessor_config.json beside them, are damaged"
      )
    }
    return values
  }

  private func computedValues(of captions: [ImageText], _ images: [RGBImage]) throws -> [[Double?]] {
    let isUniform = images.allSatisfy { $0.width == images[0].width && $0.height == images[0].height }
    return try MemoryFault.thrown(by: "scoring \(captions.count) captions", lowering: ["batch_size"]) {
      // Of several sizes at least one is wrong; the model says which is right.
      let batches = isUniform ? [Array(captions.indices)] : captions.indices.map { [$0] }
      return try batches.flatMap { rows in
        try measure.values(
          of: rows.map { tokens(of: captions[$0]) }, pixelValues: pixelValues(of: rows.map { images[$0] }))
      }
    }
  }

  private func tokens(of text: ImageText) -> TokenizedCaption {
    TokenizedCaption(caption: tokens(of: text.caption), references: text.references.map(tokens))
  }

  /// A text between its special tokens, cut off where the model has no positions.
  private func tokens(of text: String) -> [Int32] {
    let (before, after) = specialTokens
    let ids = tokenizer.encode(measure.prompt + text, addSpecialTokens: false)
    return (before + ids.prefix(measure.maximumLength - before.count - after.count) + after).map { Int32($0) }
  }

  /// [B, 3, height, width] of images of one size.
  private func pixelValues(of images: [RGBImage]) throws -> Tensor {
    let (height, width) = (images[0].height, images[0].width)
    let size = 3 * height * width
    let shape = [images.count, 3, height, width]
    try MemoryCheck.pass(shape, "the pixel values of \(images.count) images", lowering: ["batch_size"])
    return Tensor(shape: shape) { values in
      for (row, image) in images.enumerated() {
        processor.normalize(
          image, into: UnsafeMutableBufferPointer(rebasing: values[row * size..<(row + 1) * size]))
      }
    }
  }
}

extension ImageTextScorer {
  /// The scorers that `clip_model` and `image_text_model` mean; one where both are the same.
  ///
  /// - Parameters:
  ///   - clipModel: the folder of a CLIP.
  ///   - imageTextModel: the folder of any image–text model.
  /// - Throws: an error that names the file and what is wrong with it; `SettingError` where both give the same scores.
  package static func scorers(clipModel: URL?, imageTextModel: URL?, batchSize: Int) throws
    -> [ImageTextScorer]
  {
    let clip = try clipModel.map { try ImageTextScorer(at: $0, kinds: [.clip], batchSize: batchSize) }
    guard let imageTextModel, imageTextModel.canonicalPath != clipModel?.canonicalPath else {
      return [clip].compactMap(\.self)
    }
    let other = try ImageTextScorer(at: imageTextModel, batchSize: batchSize)
    guard let clip else { return [other] }
    guard Set(clip.scoreNames).isDisjoint(with: other.scoreNames) else {
      throw SettingError(
        "image_text_model",
        "is a second model that gives \(other.scoreNames.joined(separator: " and ")); leave it or `clip_model` away"
      )
    }
    return [clip, other]
  }
}

extension URL {
  /// The same for all ways that lead to a file.
  fileprivate var canonicalPath: String { FileSystem.resolvingLinks(standardizedFileURL).path }
}

/// What a folder holds of an image–text model.
private struct ImageTextParts {
  let measure: any ImageTextMeasure
  let tokenizer: any Tokenizer
  let processor: ImageProcessor
  /// What stands around each text.
  let specialTokens: (before: [Int], after: [Int])

  /// - Parameter readsWeights: whether the model is to compute, and not only to be checked.
  init(at folder: URL, kinds: [ImageTextScorer.Kind], readsWeights: Bool = true) throws {
    let json = try JSONField(contentsOf: folder.appendingPathComponent("config.json"))
    let families = ImageTextFamily.all.filter { family in kinds.contains { $0.rawValue == family.modelType } }
    let family = try ImageTextFamily.of(json, among: families)
    let measure = try MemoryFault.thrown(by: "the model in \(folder.path)") {
      let weights = try CheckpointWeights(folder: folder)
      return try family.make(json, readsWeights ? weights : weights.withoutValues)
    }
    let tokenizer = try AutoTokenizer.load(from: folder)
    guard tokenizer.idBound <= measure.vocabularySize else {
      throw FileError(
        folder.path,
        "the tokenizer has a token \(tokenizer.idBound - 1), but the model's vocab_size is \(measure.vocabularySize): "
          + "they belong to different models")
    }
    let special = tokenizer.encode("", addSpecialTokens: true)
    guard special.count >= measure.specialTokenCount, special.count < measure.maximumLength else {
      throw FileError(
        folder.path, "the tokenizer doesn't put the special tokens around texts that the model needs")
    }
    specialTokens = (special.dropLast(), [special[special.count - 1]])
    processor = try ImageProcessor(contentsOf: folder)
    (self.measure, self.tokenizer) = (measure, tokenizer)
  }
}

/// Values of captions, gathered to scores.
struct ImageTextTally {
  private let names: [String]
  private var rows: [[Double?]] = []
  /// The indices of captions that were left out, and why their images can't be read.
  var unreadable: [(index: Int, error: any Error)] = []

  init(_ names: [String]) { self.names = names }

  mutating func add(_ values: [[Double?]]) { rows += values }

  /// The means, of those scores that every caption has a value of.
  var scores: [MetricScore] {
    guard !rows.isEmpty else { return [] }
    return names.enumerated().compactMap { column, name in
      let values = rows.compactMap { $0[column] }
      guard values.count == rows.count else { return nil }
      return MetricScore(name: name, value: values.reduce(0, +) / Double(values.count), perImage: values)
    }
  }
}
