/// Every score of a set of captions by its public name, fed one image at a time.
///
/// ```swift
/// var scorer = CaptionScorer()
/// try scorer.add(prediction: "a cat on a rock", references: ["a cat sits on a rock"])
/// try scorer.add(prediction: "a dog runs", references: ["a dog is running", "a running dog"])
/// for score in try scorer.scores() { print(score.name, score.value) }
/// ```
public struct CaptionScorer: CaptionMetric {
  /// Which scores to compute, and how.
  public struct Options: Sendable, Equatable {
    /// `rouge1`, `rouge2`, `rougeL` and `rougeLsum` with these options; nil leaves them out.
    public var rouge: RougeMetric.Options?

    /// Whether to compute `Bleu_1` … `Bleu_4`, `ROUGE_L` and, of two images or more, `CIDEr`.
    public var coco: Bool

    /// Whether to compute `gen_len`, `distinct_captions` and `repetition_rate`.
    public var health: Bool

    /// Whether to compute `cer`, the character error rate of models that read.
    public var characterErrors: Bool

    public init(
      rouge: RougeMetric.Options? = .init(), coco: Bool = true, health: Bool = true,
      characterErrors: Bool = false
    ) {
      self.rouge = rouge
      self.coco = coco
      self.health = health
      self.characterErrors = characterErrors
    }
  }

  /// The names of all scores, in the order of ``scores()``.
  public static let scoreNames = [
    "Bleu_1", "Bleu_2", "Bleu_3", "Bleu_4", "ROUGE_L", "CIDEr", "rouge1", "rouge2", "rougeL", "rougeLsum",
    "gen_len",
    "distinct_captions", "repetition_rate", "cer",
  ]

  private var coco: COCOCaptionMetric?
  private var rouge: RougeMetric?
  private var health: CaptionHealthMetric?
  private var characterErrors: CharacterErrorMetric?
  private var count = 0

  public init(options: Options = Options()) {
    coco = options.coco ? COCOCaptionMetric() : nil
    rouge = options.rouge.map { RougeMetric(options: $0) }
    health = options.health ? CaptionHealthMetric() : nil
    characterErrors = options.characterErrors ? CharacterErrorMetric() : nil
  }

  public mutating func add(prediction: String, references: [String]) throws {
    try add(prediction: prediction, references: references, generatedTokens: nil)
  }

  /// Takes in one image's caption.
  /// - Parameter generatedTokens: how many tokens were generated, padding not counted, for `gen_len`.
  /// - Throws: `MetricsError.noReferences`.
  public mutating func add(prediction: String, references: [String], generatedTokens: Int?) throws {
    try coco?.add(prediction: prediction, references: references)
    try addBesidesCOCO(prediction: prediction, references: references, generatedTokens: generatedTokens)
  }

  /// Takes in one image's caption whose Penn Treebank tokens are known.
  mutating func add(
    prediction: String, references: [String], generatedTokens: Int?, tokens: [[UInt8]],
    referenceTokens: [[[UInt8]]]
  ) throws {
    coco?.add(candidate: tokens, references: referenceTokens)
    try addBesidesCOCO(prediction: prediction, references: references, generatedTokens: generatedTokens)
  }

  private mutating func addBesidesCOCO(
    prediction: String, references: [String], generatedTokens: Int?
  ) throws {
    try rouge?.add(prediction: prediction, references: references)
    health?.add(prediction: prediction, generatedTokens: generatedTokens)
    try characterErrors?.add(prediction: prediction, references: references)
    count += 1
  }

  /// The scores of ``scoreNames``, in this order, as far as they were asked for.
  /// - Throws: `MetricsError.noCaptions`.
  public func scores() throws -> [MetricScore] {
    guard count > 0 else { throw MetricsError.noCaptions }
    return try (coco?.scores() ?? []) + (rouge?.scores() ?? []) + (health?.scores() ?? [])
      + (characterErrors?.scores() ?? [])
  }
}
