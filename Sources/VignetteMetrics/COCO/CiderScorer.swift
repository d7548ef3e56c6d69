import Foundation

/// CIDEr-D, the measure that the field reports as "CIDEr": how alike a caption's and its references'
/// n-grams are when rare ones weigh more.
///
/// Counts are clipped at the reference's, a Gaussian of width 6 punishes differing lengths (counted in
/// bigrams, as the reference implementation does), the score is scaled by 10, and rarity is measured
/// over the references of the images evaluated.
///
/// R. Vedantam, C. L. Zitnick and D. Parikh, "CIDEr: Consensus-based Image Description Evaluation", 2015.
struct CiderScorer: Sendable {
  static let longest = 4
  private static let sigma = 6.0

  private struct Image: Sendable {
    let candidate: [NGramBag]
    let references: [[NGramBag]]
  }

  private var images: [Image] = []
  /// In the references of how many images an n-gram occurs, by the n-gram's number.
  private var documentFrequency: [Int32] = []

  /// Takes in a caption and its references, each as its n-gram counts for n from 1 to 4.
  mutating func add(candidate: [NGramBag], references: [[NGramBag]]) {
    for n in 0..<Self.longest {
      for entry in references.reduce(NGramBag(), { $0.union(with: $1[n]) }).entries {
        let id = Int(entry.id)
        if id >= documentFrequency.count {
          documentFrequency += repeatElement(0, count: id + 1 - documentFrequency.count)
        }
        documentFrequency[id] += 1
      }
    }
    images.append(Image(candidate: candidate, references: references))
  }

  /// - Precondition: there are two images or more, as every weight is zero with one.
  func score() -> MetricScore {
    let logImages = log(Double(images.count))
    let weights = documentFrequency.map { logImages - log(Double(max(1, $0))) }
    let perImage = images.map { image in
      let candidate = TFIDFVector(image.candidate, weights: weights, unseen: logImages)
      let sum = image.references.reduce(0) { sum, reference in
        sum + similarity(candidate, TFIDFVector(reference, weights: weights, unseen: logImages))
      }
      return sum / Double(Self.longest) / Double(image.references.count) * 10
    }
    return MetricScore(name: "CIDEr", meanOf: perImage)
  }

  /// The clipped cosine similarities for each n, summed, under the length penalty.
  private func similarity(_ candidate: TFIDFVector, _ reference: TFIDFVector) -> Double {
    let difference = Double(candidate.bigrams - reference.bigrams)
    let penalty = exp(-(difference * difference) / (2 * Self.sigma * Self.sigma))
    var sum = 0.0
    for n in 0..<Self.longest {
      var dot = 0.0
      candidate.bags[n].forEachShared(with: reference.bags[n]) { mine, theirs in
        let weight = candidate.weight(of: mine.id)
        dot += Double(min(mine.count, theirs.count)) * weight * (Double(theirs.count) * weight)
      }
      let norms = candidate.norms[n] * reference.norms[n]
      sum += (norms > 0 ? dot / norms : 0) * penalty
    }
    return sum
  }
}

/// A caption's n-gram counts weighted by rarity.
private struct TFIDFVector {
  let bags: [NGramBag]
  let norms: [Double]
  private let weights: [Double]
  private let unseen: Double

  init(_ bags: [NGramBag], weights: [Double], unseen: Double) {
    self.bags = bags
    self.weights = weights
    self.unseen = unseen
    norms = bags.map { bag in
      bag.entries.reduce(0) { sum, entry in
        let id = Int(entry.id)
        let value = Double(entry.count) * (id < weights.count ? weights[id] : unseen)
        return sum + value * value
      }.squareRoot()
    }
  }

  /// How many bigrams the caption has, which is what CIDEr-D takes for its length.
  var bigrams: Int { bags[1].total }

  func weight(of id: Int32) -> Double {
    Int(id) < weights.count ? weights[Int(id)] : unseen
  }
}
