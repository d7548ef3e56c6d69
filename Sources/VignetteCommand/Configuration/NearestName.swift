/// Finds what someone may have meant.
enum NearestName {
  /// The name that the fewest typing errors lead from to `name`; nil where none is near.
  static func of(_ name: String, among names: [String]) -> String? {
    let most = max(1, min(3, name.count / 3))
    let distances = names.map { ($0, distance(Array(name), Array($0))) }
    return distances.filter { $0.1 <= most }.min { $0.1 < $1.1 }?.0
  }

  /// How many characters are to be put in, left out, changed, or swapped with their neighbour (optimal string alignment).
  static func distance(_ first: [Character], _ second: [Character]) -> Int {
    var (before, row) = ([Int](), Array(0...second.count))
    for (i, a) in first.enumerated() {
      var next = [i + 1]
      for (j, b) in second.enumerated() {
        var least = min(row[j + 1] + 1, next[j] + 1, row[j] + (a == b ? 0 : 1))
        if i > 0, j > 0, a == second[j - 1], first[i - 1] == b { least = min(least, before[j - 1] + 1) }
        next.append(least)
      }
      (before, row) = (row, next)
    }
    return row[second.count]
  }
}
