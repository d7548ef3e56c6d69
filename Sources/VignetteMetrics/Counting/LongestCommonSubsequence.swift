/// The longest common subsequence of two token sequences, by dynamic programming.
enum LongestCommonSubsequence {
  /// Its length. Memory is one row of the shorter sequence.
  static func length(_ first: [Int32], _ second: [Int32]) -> Int {
    let (rows, columns) = first.count < second.count ? (second, first) : (first, second)
    var row = [Int32](repeating: 0, count: columns.count + 1)
    for token in rows {
      advance(&row, token: token, columns: columns) { _ in }
    }
    return Int(row.last ?? 0)
  }

  /// The positions in `reference` of one longest common subsequence with `candidate`, ascending.
  ///
  /// Where several are equally long, this is the one that rouge_score's backtracking finds: it reads
  /// the table from its last corner and drops the reference's token unless dropping the candidate's
  /// leaves a longer rest. Memory is one bit for each pair of tokens.
  static func positions(in reference: [Int32], with candidate: [Int32]) -> [Int] {
    let width = candidate.count
    var row = [Int32](repeating: 0, count: width + 1)
    var dropsCandidate = [UInt64](repeating: 0, count: (reference.count * width + 63) / 64)
    for (index, token) in reference.enumerated() {
      advance(&row, token: token, columns: candidate) { column in
        let bit = index * width + column
        dropsCandidate[bit / 64] |= 1 << UInt64(bit % 64)
      }
    }
    var found: [Int] = []
    var (i, j) = (reference.count, width)
    while i > 0, j > 0 {
      let bit = (i - 1) * width + j - 1
      if reference[i - 1] == candidate[j - 1] {
        found.append(i - 1)
        i -= 1
        j -= 1
      } else if dropsCandidate[bit / 64] >> UInt64(bit % 64) & 1 == 1 {
        j -= 1
      } else {
        i -= 1
      }
    }
    return found.reversed()
  }

  /// Turns the table's row before `token` into the row after it, and reports each column whose left
  /// neighbour is longer than its upper one.
  private static func advance(
    _ row: inout [Int32], token: Int32, columns: [Int32], leftIsLonger: (Int) -> Void
  ) {
    var diagonal: Int32 = 0
    for column in columns.indices {
      let (left, up) = (row[column], row[column + 1])
      if left > up { leftIsLonger(column) }
      row[column + 1] = columns[column] == token ? diagonal + 1 : max(left, up)
      diagonal = up
    }
  }
}
