/// ROUGE-L as coco-caption computes it: an F-measure with beta 1.2 of the best precision and the best
/// recall over the references, each taken apart. Not the ROUGE-L of `RougeMetric`.
struct COCORougeL: Sendable {
  private static let beta = 1.2

  private var perImage: [Double] = []

  /// Takes in a caption and its references as token numbers; a text without tokens counts as one
  /// empty token, as splitting an empty string does in the reference implementation.
  mutating func add(candidate: [Int32], references: [[Int32]]) {
    let candidate = Self.orEmptyToken(candidate)
    var precision = 0.0
    var recall = 0.0
    for reference in references.map(Self.orEmptyToken) {
      let common = Double(LongestCommonSubsequence.length(reference, candidate))
      precision = max(precision, common / Double(candidate.count))
      recall = max(recall, common / Double(reference.count))
    }
    let betaSquared = Self.beta * Self.beta
    let score =
      precision > 0 && recall > 0
      ? (1 + betaSquared) * precision * recall / (recall + betaSquared * precision) : 0
    perImage.append(score)
  }

  func score() -> MetricScore {
    MetricScore(name: "ROUGE_L", meanOf: perImage)
  }

  private static func orEmptyToken(_ tokens: [Int32]) -> [Int32] {
    tokens.isEmpty ? [-1] : tokens
  }
}
