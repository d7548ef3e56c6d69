/// How many insertions, deletions and substitutions turn one sequence into another (Levenshtein, 1966), the fewest.
enum EditDistance {
  /// Memory is one row of the shorter sequence.
  static func count<Element: Equatable>(_ first: [Element], _ second: [Element]) -> Int {
    let (rows, columns) = first.count < second.count ? (second, first) : (first, second)
    var distances = Array(0...columns.count)
    for (row, element) in rows.enumerated() {
      var diagonal = distances[0]
      distances[0] = row + 1
      for (column, other) in columns.enumerated() {
        let changed = diagonal + (element == other ? 0 : 1)
        diagonal = distances[column + 1]
        distances[column + 1] = min(changed, distances[column] + 1, diagonal + 1)
      }
    }
    return distances[columns.count]
  }
}
