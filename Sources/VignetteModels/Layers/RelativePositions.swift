/// Which row of a table of relative positions each pair of tokens of a grid takes.
struct RelativePositions {
  /// The number of tokens.
  let tokens: Int
  /// For query t and key s, a row of the table: [tokens · tokens].
  let index: [Int32]

  /// - Parameter hasClassToken: whether a class token comes first. What it sees, what sees it, and itself
  ///   take the three rows behind those of the patches.
  init(_ grid: Grid, hasClassToken: Bool = false) {
    let distances = Self.distances(in: grid)
    let special = hasClassToken ? 1 : 0
    tokens = grid.count + special
    var index = [Int32](repeating: 0, count: tokens * tokens)
    for t in 0..<grid.count {
      for s in 0..<grid.count {
        let down = t / grid.columns - s / grid.columns + grid.rows - 1
        let right = t % grid.columns - s % grid.columns + grid.columns - 1
        index[(t + special) * tokens + s + special] = Int32(down * distances.columns + right)
      }
    }
    if hasClassToken {
      for t in 1..<tokens {
        index[t] = Int32(distances.count)
        index[t * tokens] = Int32(distances.count + 1)
      }
      index[0] = Int32(distances.count + 2)
    }
    self.index = index
  }

  /// How many ways there are in which two patches lie to each other, down and across.
  static func distances(in grid: Grid) -> Grid {
    Grid(rows: 2 * grid.rows - 1, columns: 2 * grid.columns - 1)
  }
}
