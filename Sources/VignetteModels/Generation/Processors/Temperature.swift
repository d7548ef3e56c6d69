/// Divides every score by a temperature: below 1 makes the likeliest tokens likelier still.
struct Temperature: LogitsProcessor {
  let temperature: Float

  init(temperature: Double) { self.temperature = Float(temperature) }

  func process(_ scores: UnsafeMutableBufferPointer<Float>, prefix: [Int]) {
    for index in scores.indices {
      scores[index] /= temperature
    }
  }
}
