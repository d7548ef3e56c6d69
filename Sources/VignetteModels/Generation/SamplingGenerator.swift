import Foundation
import VignetteTensors

/// The random numbers of sampling, a stream for each caption of an image.
///
/// Streams depend on the seed and on the caption's number among those of its image, not on the image's index in a
/// batch, so that an image's captions don't depend on its company. torch's random numbers are others: what is drawn
/// differs from Transformers, how often it is drawn does not.
struct SamplingGenerator {
  private var random: RandomGenerator

  init(seed: UInt64, stream: Int) {
    var seeding = RandomGenerator(seed: seed)
    random = RandomGenerator(
      seed: seeding.next() ^ (UInt64(truncatingIfNeeded: stream) &* 0xD134_2543_DE82_EF95))
  }

  /// Adds a number of the standard Gumbel distribution to each log-probability that isn't -infinity: the `k`
  /// greatest are then `k` draws without replacement, in the order in which they were drawn.
  mutating func perturb(_ logProbabilities: UnsafeMutableBufferPointer<Float>) {
    for index in logProbabilities.indices where logProbabilities[index] > -.infinity {
      // The half keeps the number away from 0, whose logarithm is infinite.
      let uniform = (Double(random.next() >> 11) + 0.5) * 0x1p-53
      logProbabilities[index] -= Float(log(-log(uniform)))
    }
  }

  /// An index drawn with the probabilities softmax(scores); nil where no score is above -infinity.
  mutating func sample(_ scores: UnsafeBufferPointer<Float>) -> Int? {
    let normalizer = Softmax.normalizer(scores)
    guard normalizer.isFinite else { return nil }
    let target = random.uniform() * Double(normalizer.sum)
    var sum = 0.0
    var chosen: Int?
    for index in scores.indices where scores[index] > -.infinity {
      sum += Double(normalizer.weight(of: scores[index]))
      chosen = index
      if sum > target { break }
    }
    return chosen
  }
}
