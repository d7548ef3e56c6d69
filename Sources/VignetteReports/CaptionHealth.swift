import Foundation
import VignetteEvaluation
import VignetteFiles
import VignetteMetrics

/// Whether captions look at their images: how many differ, and how many repeat themselves.
///
/// A captioner that learned the language but not to look gives every image nearly the same caption, and its
/// scores hide that; one that never learned to end goes round in circles. The numbers are those that an evaluation
/// logs as `distinct_captions` and `repetition_rate`.
public struct CaptionHealth: Sendable, Hashable, Codable {
  /// How many captions were looked at.
  public let count: Int
  /// Different captions ÷ captions.
  public let distinctShare: Double
  /// Captions in which three words in a row occur twice ÷ captions.
  public let repetitionRate: Double
  /// The same of the references, which people may well write: "a red cup beside a red cup".
  public let referenceRepetitionRate: Double
  /// The caption that most images got.
  public let commonest: String
  /// The share of images that got it.
  public let commonestShare: Double

  /// Looks at one caption for each image; nil if there are none.
  ///
  /// - Parameter references: what people wrote of the same images.
  public init?(captions: [String], references: [String] = []) {
    var metric = CaptionHealthMetric()
    var referenceMetric = CaptionHealthMetric()
    for reference in references { referenceMetric.add(prediction: reference, references: []) }
    var counts: [String: Int] = [:]
    for caption in captions {
      metric.add(prediction: caption, references: [])
      counts[caption.trimmingCharacters(in: .whitespacesAndNewlines), default: 0] += 1
    }
    // Among equally common captions the first in the alphabet, so that the same captions give the same text.
    let commonest = counts.min { ($1.value, $0.key) < ($0.value, $1.key) }
    guard let commonest, let scores = try? metric.scores() else { return nil }
    func share(_ name: String) -> Double { scores.first { $0.name == name }?.value ?? 0 }
    let referenceScores = (try? referenceMetric.scores()) ?? []
    referenceRepetitionRate = referenceScores.first { $0.name == Metric.healthKeys[1] }?.value ?? 0
    count = captions.count
    distinctShare = share(Metric.healthKeys[0])
    repetitionRate = share(Metric.healthKeys[1])
    self.commonest = commonest.key
    commonestShare = Double(commonest.value) / Double(captions.count)
  }
}

extension CaptionHealth {
  /// One line: "62 of 100 captions differ (62%), 1.3% repeat themselves".
  public var summary: String {
    let distinct = Int((distinctShare * Double(count)).rounded())
    return "\(distinct) of \(count) captions differ (\(Self.percent(distinctShare))), "
      + "\(Self.percent(repetitionRate)) repeat themselves"
  }

  /// What a user should know; empty when all is well.
  public var warnings: [String] {
    var warnings: [String] = []
    // Few images may well have captions in common.
    if count >= 4 && (distinctShare < 0.2 || commonestShare > 0.5) {
      let words = commonest.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let shown = words.count <= 80 ? words : "\(words.prefix(80))…"
      warnings.append(
        "captions are nearly the same for every image: \(Self.percent(distinctShare)) of \(count) differ, and "
          + "\(Self.percent(commonestShare)) are \"\(shown)\". The model isn't looking at the images yet; train "
          + "longer, or check that each caption stands beside its image.")
    }
    if repetitionRate > referenceRepetitionRate + 0.1 {
      warnings.append(
        "captions repeat themselves: \(Self.percent(repetitionRate)) of them say the same three words twice, and "
          + "\(Self.percent(referenceRepetitionRate)) of the references. Train longer, or generate with "
          + "\(Setting("no_repeat_ngram_size")) 3.")
    }
    return warnings
  }

  private static func percent(_ share: Double) -> String {
    String(format: share == 1 || share == 0 || share >= 0.1 ? "%.0f%%" : "%.1f%%", 100 * share)
  }
}

extension CaptionHealth {
  /// Looks at what an evaluation generated.
  init?(_ samples: [EvaluatedCaption]) {
    self.init(captions: samples.map(\.caption), references: samples.flatMap(\.references))
  }
}
