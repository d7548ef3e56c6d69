import Foundation

/// Whether captions look at their pictures: how many differ, and how much they repeat themselves.
///
/// A captioner that learned the language but not to look gives every picture nearly the same caption, and its
/// scores hide that; one that never learned to end goes round in circles.
public struct CaptionHealth: Sendable, Hashable {
  /// How many captions were looked at.
  public let count: Int
  /// Different captions ÷ captions.
  public let distinctShare: Double
  /// The mean over captions of the share of 4-grams that occurred before in the same caption: *seq-rep-4* of
  /// Welleck et al., Neural Text Generation with Unlikelihood Training (2019).
  public let repetitionRate: Double
  /// The caption that most pictures got.
  public let commonest: String
  /// The share of pictures that got it.
  public let commonestShare: Double

  /// Looks at one caption for each picture; nil if there are none.
  public init?(captions: [String]) {
    guard !captions.isEmpty else { return nil }
    var counts: [String: Int] = [:]
    for caption in captions {
      counts[caption.trimmingCharacters(in: .whitespacesAndNewlines), default: 0] += 1
    }
    // Among equally common captions the first in the alphabet, so that the same captions give the same text.
    let commonest = counts.min { ($1.value, $0.key) < ($0.value, $1.key) }
    count = captions.count
    distinctShare = Double(counts.count) / Double(captions.count)
    repetitionRate = captions.reduce(0) { $0 + Self.repetition($1) } / Double(captions.count)
    self.commonest = commonest?.key ?? ""
    commonestShare = Double(commonest?.value ?? 0) / Double(captions.count)
  }

  private static func repetition(_ caption: String) -> Double {
    let words = caption.lowercased().split(whereSeparator: \.isWhitespace)
    guard words.count >= 4 else { return 0 }
    let all = (0...words.count - 4).map { words[$0..<$0 + 4] }
    return 1 - Double(Set(all).count) / Double(all.count)
  }
}

extension CaptionHealth {
  static let logKeys = ["distinct_captions", "repetition_rate"]

  /// The numbers as an evaluation logs them.
  public var metrics: [Metric] { zip(Self.logKeys, [distinctShare, repetitionRate]).map { Metric($0, $1) } }

  /// One line: "62 of 100 captions differ (62%), repetition 1.3%".
  public var summary: String {
    let distinct = Int((distinctShare * Double(count)).rounded())
    return "\(distinct) of \(count) captions differ (\(Self.percent(distinctShare))), "
      + "repetition \(Self.percent(repetitionRate))"
  }

  /// What a user should know; empty when all is well.
  public var warnings: [String] {
    var warnings: [String] = []
    // Few pictures may well have captions in common.
    if count >= 4 && (distinctShare < 0.2 || commonestShare > 0.5) {
      let words = commonest.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let shown = words.count <= 80 ? words : "\(words.prefix(80))…"
      warnings.append(
        "captions are nearly the same for every picture: \(Self.percent(distinctShare)) of \(count) differ, and "
          + "\(Self.percent(commonestShare)) are \"\(shown)\". The model isn't looking at the pictures yet; train "
          + "longer, or check that each caption stands beside its picture.")
    }
    if repetitionRate > 0.1 {
      warnings.append(
        "captions repeat themselves: \(Self.percent(repetitionRate)) of their 4-grams occurred before in the same "
          + "caption. Train longer, or generate with no_repeat_ngram_size 3.")
    }
    return warnings
  }

  private static func percent(_ share: Double) -> String {
    String(format: share == 1 || share == 0 || share >= 0.1 ? "%.0f%%" : "%.1f%%", 100 * share)
  }
}
