/// Signs of a captioner gone wrong, from its captions alone: does it say the same of every image, does
/// it repeat itself, how much does it say?
///
/// - `distinct_captions`: the share of captions that differ, white space at the ends aside; near zero
///   when every image gets the same caption.
/// - `repetition_rate`: the share of captions in which a run of `nGramLength` words occurs twice.
/// - `gen_len`: the mean number of generated tokens, as Hugging Face's scripts report it; present if
///   every caption came with a count.
public struct CaptionHealthMetric: CaptionMetric {
  /// How many words in a row, occurring twice in a caption, count as a repetition.
  public let nGramLength: Int

  private var words = TokenTable()
  private var captions: Set<[Int32]> = []
  private var repeated: [Double] = []
  private var lengths: [Double] = []

  /// - Precondition: `nGramLength` is positive.
  public init(nGramLength: Int = 3) {
    precondition(nGramLength > 0, "a run of words has at least one word")
    self.nGramLength = nGramLength
  }

  public mutating func add(prediction: String, references: [String]) {
    add(prediction: prediction, generatedTokens: nil)
  }

  /// Takes in a caption and the number of tokens that were generated for it, padding not counted.
  public mutating func add(prediction: String, generatedTokens: Int?) {
    let ids = prediction.unicodeScalars.split { $0.isSpace }.map { words.id(of: Array(String($0).utf8)) }
    captions.insert(ids)
    repeated.append(hasRepetition(ids) ? 1 : 0)
    if let generatedTokens { lengths.append(Double(generatedTokens)) }
  }

  public func scores() throws -> [MetricScore] {
    guard !repeated.isEmpty else { throw MetricsError.noCaptions }
    let distinct = Double(captions.count) / Double(repeated.count)
    var scores = [
      MetricScore(name: "distinct_captions", value: distinct),
      MetricScore(name: "repetition_rate", meanOf: repeated),
    ]
    if lengths.count == repeated.count { scores.insert(MetricScore(name: "gen_len", meanOf: lengths), at: 0) }
    return scores
  }

  private func hasRepetition(_ ids: [Int32]) -> Bool {
    guard ids.count > nGramLength else { return false }
    var seen: Set<ArraySlice<Int32>> = []
    return (0...ids.count - nGramLength).contains { !seen.insert(ids[$0..<$0 + nGramLength]).inserted }
  }
}
