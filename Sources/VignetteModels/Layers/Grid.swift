/// The size of a grid of patches.
struct Grid: Equatable {
  var rows: Int
  var columns: Int

  var count: Int { rows * columns }
}

/// How the cells of one grid are made of another's: PyTorch's `interpolate(align_corners=False)` without
/// anti-aliasing. Pixel centres lie at halves, and the edge goes on for ever.
enum Resampling {
  /// Cubic with a = −0.75.
  case bicubic
  case bilinear

  /// For each cell of the new grid, row by row, the old cells that it is made of and their weights.
  func cells(from old: Grid, to new: Grid) -> [[(row: Int, weight: Float)]] {
    let vertical = taps(from: old.rows, to: new.rows)
    let horizontal = taps(from: old.columns, to: new.columns)
    return vertical.flatMap { rows in
      horizontal.map { columns in
        rows.flatMap { y in columns.map { x in (y.place * old.columns + x.place, y.weight * x.weight) } }
      }
    }
  }

  private func taps(from old: Int, to new: Int) -> [[(place: Int, weight: Float)]] {
    (0..<new).map { i in
      let center = Float(old) / Float(new) * (Float(i) + 0.5) - 0.5
      let base = center.rounded(.down)
      return weights(center - base).map { (min(max(Int(base) + $0.offset, 0), old - 1), $0.weight) }
    }
  }

  /// The neighbours of a point that lies `t` behind a cell's centre.
  private func weights(_ t: Float) -> [(offset: Int, weight: Float)] {
    let a: Float = -0.75
    func near(_ x: Float) -> Float { ((a + 2) * x - (a + 3)) * x * x + 1 }
    func far(_ x: Float) -> Float { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return switch self {
    case .bicubic: [(-1, far(t + 1)), (0, near(t)), (1, near(1 - t)), (2, far(2 - t))]
    case .bilinear: [(0, 1 - t), (1, t)]
    }
  }
}

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
