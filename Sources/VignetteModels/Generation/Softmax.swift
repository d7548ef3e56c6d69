import Foundation

/// Softmax and log-softmax of one row of scores.
package enum Softmax {
  /// What turns a row's scores into probabilities.
  package struct Normalizer {
    let maximum: Float
    /// The sum of exp(score − maximum).
    let sum: Float
    let logSum: Float

    /// False when a score is NaN or +infinity or all are -infinity.
    var isFinite: Bool { maximum.isFinite && logSum.isFinite }

    /// In the order in which torch subtracts.
    package func logProbability(of score: Float) -> Float { score - maximum - logSum }

    func probability(of score: Float) -> Float { weight(of: score) / sum }

    /// The probability times `sum`.
    func weight(of score: Float) -> Float { expf(score - maximum) }

    /// In nats.
    func entropy(of scores: UnsafeBufferPointer<Float>) -> Float {
      var entropy: Float = 0
      for score in scores where score > -.infinity {
        let logProbability = logProbability(of: score)
        entropy -= logProbability * expf(logProbability)
      }
      return entropy
    }
  }

  private typealias Lanes = SIMD8<Float>

  package static func normalizer(_ scores: UnsafeBufferPointer<Float>) -> Normalizer {
    let maximum = maximum(scores)
    let sum = maximum.isFinite ? sumOfExponentials(scores, minus: maximum) : .nan
    return Normalizer(maximum: maximum, sum: Float(sum), logSum: Float(log(sum)))
  }

  /// Writes the log-probabilities of `scores` to `result`.
  static func writeLogProbabilities(
    of scores: UnsafeBufferPointer<Float>, to result: UnsafeMutableBufferPointer<Float>,
    _ normalizer: Normalizer
  ) {
    for index in scores.indices {
      result[index] = normalizer.logProbability(of: scores[index])
    }
  }

  /// The greatest score; NaN where there is one.
  private static func maximum(_ scores: UnsafeBufferPointer<Float>) -> Float {
    var greatest = Lanes(repeating: -.infinity)
    var isNumber = SIMDMask<SIMD8<Int32>>(repeating: true)
    let whole = scores.count / Lanes.scalarCount * Lanes.scalarCount
    let bytes = UnsafeRawBufferPointer(scores)
    for start in stride(from: 0, to: whole, by: Lanes.scalarCount) {
      let values = bytes.loadUnaligned(fromByteOffset: start * 4, as: Lanes.self)
      greatest.replace(with: values, where: values .> greatest)
      isNumber .&= values .== values
    }
    var result = greatest.max()
    var isRight = all(isNumber)
    for score in scores[whole...] {
      result = max(result, score)
      isRight = isRight && !score.isNaN
    }
    return isRight ? result : .nan
  }

  /// Sums in single precision over short stretches and in double over these, which keeps the error near one unit in
  /// the last place however large the vocabulary.
  private static func sumOfExponentials(_ scores: UnsafeBufferPointer<Float>, minus maximum: Float) -> Double
  {
    let stretch = 64 * Lanes.scalarCount
    let whole = scores.count / Lanes.scalarCount * Lanes.scalarCount
    let bytes = UnsafeRawBufferPointer(scores)
    var total = 0.0
    for start in stride(from: 0, to: whole, by: stretch) {
      var sum = Lanes.zero
      for index in stride(from: start, to: min(start + stretch, whole), by: Lanes.scalarCount) {
        sum += exponential(bytes.loadUnaligned(fromByteOffset: index * 4, as: Lanes.self) - maximum)
      }
      total += Double(sum.sum())
    }
    for score in scores[whole...] {
      total += Double(expf(score - maximum))
    }
    return total
  }

  /// exp(x) for x ≤ 0 within two units in the last place: 2ⁿ · e^r with |r| ≤ ln 2 / 2, and e^r by its Taylor
  /// polynomial; 0 below −87, where single precision ends.
  private static func exponential(_ x: Lanes) -> Lanes {
    // Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits.
    let magic: Float = 12_582_912
    let shifted = x * 1.442_695_04 + magic
    let power = shifted - magic
    let r = x - power * 0.693_359_375 - power * -2.121_944_4e-4
    var polynomial = Lanes(repeating: 1 / 5040)
    polynomial = polynomial * r + 1 / 720
    polynomial = polynomial * r + 1 / 120
    polynomial = polynomial * r + 1 / 24
    polynomial = polynomial * r + 1 / 6
    polynomial = polynomial * r + 0.5
    polynomial = polynomial * r + 1
    polynomial = polynomial * r + 1
    let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &<< 23 &+ 0x3F80_0000
    var result = polynomial * unsafeBitCast(exponent, to: Lanes.self)
    result.replace(with: 0, where: x .< -87)
    return result
  }
}
