import Foundation

/// Corpus BLEU-1 to BLEU-4 as coco-caption computes it.
///
/// N-gram counts are clipped by the largest count in any one reference; the brevity penalty compares
/// with the reference length closest to the caption's (the shorter of two equally close). Small
/// constants stand in for smoothing, so a score is tiny rather than zero when no n-gram fits.
///
/// K. Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation", 2002.
struct BleuScorer: Sendable {
  static let longest = 4

  private struct Statistics: Sendable {
    var correct = [Int](repeating: 0, count: longest)
    var possible = [Int](repeating: 0, count: longest)
    var length = 0
    var referenceLength = 0
  }

  private var corpus = Statistics()
  private var perImage = [[Double]](repeating: [], count: longest)

  /// Takes in a caption and its references, each as its n-gram counts for n from 1 to 4.
  mutating func add(candidate: [NGramBag], references: [[NGramBag]]) {
    var image = Statistics()
    image.length = candidate[0].total
    image.referenceLength =
      references.map { $0[0].total }
      .min { (abs($0 - image.length), $0) < (abs($1 - image.length), $1) } ?? 0
    for n in 0..<Self.longest {
      let allowed = references.reduce(NGramBag()) { $0.union(with: $1[n]) }
      image.correct[n] = candidate[n].overlap(with: allowed)
      image.possible[n] = max(0, image.length - n)
      corpus.correct[n] += image.correct[n]
      corpus.possible[n] += image.possible[n]
    }
    corpus.length += image.length
    corpus.referenceLength += image.referenceLength
    for (n, score) in Self.bleu(image).enumerated() { perImage[n].append(score) }
  }

  func scores() -> [MetricScore] {
    zip(Self.bleu(corpus), perImage).enumerated().map { n, scores in
      MetricScore(name: "Bleu_\(n + 1)", value: scores.0, perImage: scores.1)
    }
  }

  private static func bleu(_ statistics: Statistics) -> [Double] {
    let tiny = 1e-15
    let small = 1e-9
    let ratio = (Double(statistics.length) + tiny) / (Double(statistics.referenceLength) + small)
    let brevityPenalty = ratio < 1 ? exp(1 - 1 / ratio) : 1
    var product = 1.0
    return (0..<longest).map { n in
      product *= (Double(statistics.correct[n]) + tiny) / (Double(statistics.possible[n]) + small)
      return pow(product, 1 / Double(n + 1)) * brevityPenalty
    }
  }
}
