/// ROUGE-1, ROUGE-2, ROUGE-L and ROUGE-Lsum F-measures as Hugging Face `evaluate`'s `rouge` computes
/// them, with the Python package rouge_score behind it.
///
/// Of several references the one with the best F-measure counts, for each score apart. The value for a
/// set is the mean over its captions; `evaluate` reports the median of a thousand random resamplings'
/// means (`mid`), which scatters around it.
///
/// C.-Y. Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004.
public struct RougeMetric: CaptionMetric {
  /// How texts are prepared for comparison.
  public struct Options: Sendable, Equatable {
    /// Whether words are compared by their Porter stems.
    public var useStemmer: Bool

    /// Whether texts are cut into sentences by `PunktSentenceTokenizer` before ROUGE-Lsum compares
    /// them. Otherwise only their newlines part sentences.
    public var splitSentences: Bool

    public init(useStemmer: Bool = true, splitSentences: Bool = true) {
      self.useStemmer = useStemmer
      self.splitSentences = splitSentences
    }
  }

  public let options: Options

  private var words = TokenTable()
  /// The number of each word's stem in `stems`, by the word's number in `words`.
  private var stemOfWord: [Int32] = []
  private var stems = TokenTable()
  private var rouge1: [Double] = []
  private var rouge2: [Double] = []
  private var rougeL: [Double] = []
  private var rougeLsum: [Double] = []

  public init(options: Options = Options()) {
    self.options = options
  }

  public mutating func add(prediction: String, references: [String]) throws {
    guard !references.isEmpty else { throw MetricsError.noReferences(image: nil) }
    let candidate = prepare(prediction)
    var best = (rouge1: 0.0, rouge2: 0.0, rougeL: 0.0, rougeLsum: 0.0)
    for reference in references.map({ prepare($0) }) {
      best.rouge1 = max(best.rouge1, RougeScores.overlap(candidate.unigrams, reference.unigrams))
      best.rouge2 = max(best.rouge2, RougeScores.overlap(candidate.bigrams, reference.bigrams))
      best.rougeL = max(best.rougeL, RougeScores.longestCommonSubsequence(candidate.tokens, reference.tokens))
      best.rougeLsum = max(best.rougeLsum, RougeScores.summary(candidate.sentences, reference.sentences))
    }
    rouge1.append(best.rouge1)
    rouge2.append(best.rouge2)
    rougeL.append(best.rougeL)
    rougeLsum.append(best.rougeLsum)
  }

  /// `rouge1`, `rouge2`, `rougeL` and `rougeLsum`, as fractions of one.
  public func scores() throws -> [MetricScore] {
    guard !rouge1.isEmpty else { throw MetricsError.noCaptions }
    return [
      MetricScore(name: "rouge1", meanOf: rouge1), MetricScore(name: "rouge2", meanOf: rouge2),
      MetricScore(name: "rougeL", meanOf: rougeL), MetricScore(name: "rougeLsum", meanOf: rougeLsum),
    ]
  }

  private mutating func prepare(_ text: String) -> RougeText {
    let lines = options.splitSentences ? PunktSentenceTokenizer.english.lines(of: text) : [text]
    let sentences = lines.flatMap { line in
      line.unicodeScalars.split(separator: "\n").map { tokens(in: String($0)) }
    }
    return RougeText(sentences: sentences)
  }

  private mutating func tokens(in text: String) -> [Int32] {
    var ids: [Int32] = []
    RougeTokenizer.forEachWord(in: text) { word in
      let id = words.id(of: word)
      if Int(id) == stemOfWord.count {
        let stem = options.useStemmer ? RougeTokenizer.stem(word) : Array(word)
        stemOfWord.append(stems.id(of: stem))
      }
      ids.append(stemOfWord[Int(id)])
    }
    return ids
  }
}
