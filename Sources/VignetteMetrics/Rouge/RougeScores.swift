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
