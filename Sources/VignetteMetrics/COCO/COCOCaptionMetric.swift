/// coco-caption's scores, `Bleu_1` … `Bleu_4`, `ROUGE_L` and `CIDEr`, as the Python package pycocoevalcap
/// computes them, its tokenizer included.
public struct COCOCaptionMetric: CaptionMetric {
  private var words = TokenTable()
  private var nGrams = NGramTable()
  private var bleu = BleuScorer()
  private var rougeL = COCORougeL()
  private var cider = CiderScorer()
  private var count = 0

  public init() {}

  public mutating func add(prediction: String, references: [String]) throws {
    guard !references.isEmpty else { throw MetricsError.noReferences(image: nil) }
    add(
      candidate: PTBTokenizer.tokens(in: prediction),
      references: PTBTokenizer.tokens(in: references))
  }

  /// Takes in captions that are tokens already.
  mutating func add(candidate: [[UInt8]], references: [[[UInt8]]]) {
    rougeL.add(candidate: ids(of: candidate), references: references.map { ids(of: $0) })
    let candidateBags = bags(of: candidate)
    let referenceBags = references.map { bags(of: $0) }
    bleu.add(candidate: candidateBags, references: referenceBags)
    cider.add(candidate: candidateBags, references: referenceBags)
    count += 1
  }

  /// `Bleu_1` to `Bleu_4` and `ROUGE_L` as fractions of one, and `CIDEr`, which goes up to 10.
  ///
  /// A single image has no `CIDEr`: it weighs words by how rare they are among images, and every weight would be zero.
  /// - Throws: `MetricsError.noCaptions` before anything was added.
  public func scores() throws -> [MetricScore] {
    guard count > 0 else { throw MetricsError.noCaptions }
    return bleu.scores() + [rougeL.score()] + (count > 1 ? [cider.score()] : [])
  }

  private mutating func ids(of tokens: [[UInt8]]) -> [Int32] {
    tokens.map { words.id(of: $0) }
  }

  /// The n-grams of a caption's words. The hard space in a token such as `2 1/2` parts words here, but
  /// not for ROUGE-L, as in the reference implementation.
  private mutating func bags(of tokens: [[UInt8]]) -> [NGramBag] {
    var ids: [Int32] = []
    for token in tokens {
      if token.contains(0xC2), token.contains(0xA0) {
        for word in String(decoding: token, as: UTF8.self).split(separator: "\u{A0}") {
          ids.append(words.id(of: Array(word.utf8)))
        }
      } else {
        ids.append(words.id(of: token))
      }
    }
    return nGrams.bags(of: ids, longest: BleuScorer.longest)
  }
}

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
