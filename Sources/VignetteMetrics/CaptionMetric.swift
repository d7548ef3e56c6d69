/// A measure of captions against their references, fed one image at a time.
///
/// What a metric keeps between calls is counts and small numbers, never images, logits or token
/// probabilities, so an evaluation of any length runs in little memory.
public protocol CaptionMetric: Sendable {
  /// Takes in one image's caption.
  /// - Throws: `MetricsError.noReferences` if the metric needs references and there are none.
  mutating func add(prediction: String, references: [String]) throws

  /// The scores of everything added so far, always in the same order.
  /// - Throws: `MetricsError` if there is too little to score.
  func scores() throws -> [MetricScore]
}
