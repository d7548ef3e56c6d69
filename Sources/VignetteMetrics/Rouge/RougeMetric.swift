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

/// The F-measures that ROUGE gives one candidate against one reference.
enum RougeScores {
  /// ROUGE-N from two sorted lists of n-grams.
  static func overlap(_ candidate: [UInt64], _ reference: [UInt64]) -> Double {
    var shared = 0
    var (i, j) = (0, 0)
    while i < candidate.count, j < reference.count {
      let (left, right) = (candidate[i], reference[j])
      if left == right { shared += 1 }
      if left <= right { i += 1 }
      if right <= left { j += 1 }
    }
    return fMeasure(hits: shared, candidate: candidate.count, reference: reference.count)
  }

  /// ROUGE-L of two texts as wholes.
  static func longestCommonSubsequence(_ candidate: [Int32], _ reference: [Int32]) -> Double {
    let length = LongestCommonSubsequence.length(reference, candidate)
    return fMeasure(hits: length, candidate: candidate.count, reference: reference.count)
  }

  /// ROUGE-Lsum: for each sentence of the reference, the union of its longest common subsequences with
  /// the candidate's sentences, where no word counts more often than it occurs in either text.
  static func summary(_ candidate: [[Int32]], _ reference: [[Int32]]) -> Double {
    var candidateCounts = counts(of: candidate)
    var referenceCounts = counts(of: reference)
    var hits = 0
    for sentence in reference {
      var inUnion = [Bool](repeating: false, count: sentence.count)
      for other in candidate {
        for position in LongestCommonSubsequence.positions(in: sentence, with: other) {
          inUnion[position] = true
        }
      }
      for (position, token) in sentence.enumerated() where inUnion[position] {
        if let mine = candidateCounts[token], let theirs = referenceCounts[token], mine > 0, theirs > 0 {
          hits += 1
          candidateCounts[token] = mine - 1
          referenceCounts[token] = theirs - 1
        }
      }
    }
    return fMeasure(
      hits: hits, candidate: candidate.reduce(0) { $0 + $1.count },
      reference: reference.reduce(0) { $0 + $1.count })
  }

  private static func counts(of sentences: [[Int32]]) -> [Int32: Int] {
    sentences.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }

  private static func fMeasure(hits: Int, candidate: Int, reference: Int) -> Double {
    guard hits > 0 else { return 0 }
    let precision = Double(hits) / Double(candidate)
    let recall = Double(hits) / Double(reference)
    return 2 * precision * recall / (precision + recall)
  }
}
