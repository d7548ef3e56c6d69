/// The size of a grid of patches.
package struct Grid: Equatable, Sendable {
  var rows: Int
  var columns: Int

  var count: Int { rows * columns }
}

/// Which part of an image each of a vision encoder's hidden states stands for: some stand nowhere in it and come first,
/// the others are a grid, row by row.
public struct PatchLayout: Sendable, Equatable {
  /// How many states come before those of the grid: of class, distillation and register tokens.
  public let tokensBefore: Int
  public let rows: Int
  public let columns: Int
  /// How many pixels of the encoder's input a cell is high and wide. The grid may end before the input does, or behind it.
  public let cellHeight: Int
  public let cellWidth: Int

  init(tokensBefore: Int, _ grid: Grid, cell: (height: Int, width: Int)) {
    self.tokensBefore = tokensBefore
    (rows, columns) = (grid.rows, grid.columns)
    (cellHeight, cellWidth) = cell
  }

  /// The states of the grid among all.
  package var cells: Range<Int> { tokensBefore..<tokensBefore + rows * columns }
}

/// How the cells of one grid are made of another's: PyTorch's `interpolate(align_corners=False)`. Pixel centres lie at
/// halves.
enum Resampling {
  /// Cubic with a = −0.75, without anti-aliasing: the edge goes on for ever.
  case bicubic
  case bilinear
  /// Cubic with a = −0.5, as wide as a new cell where that is the wider; beyond the edge there is nothing.
  case antialiasedBicubic

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
    let scale = Float(old) / Float(new)
    return (0..<new).map { i in
      guard self != .antialiasedBicubic else {
        return Self.antialiasedTaps(around: scale * (Float(i) + 0.5), scale, of: old)
      }
      let center = scale * (Float(i) + 0.5) - 0.5
      let base = center.rounded(.down)
      return weights(center - base).map { (min(max(Int(base) + $0.offset, 0), old - 1), $0.weight) }
    }
  }

  private static func antialiasedTaps(around center: Float, _ scale: Float, of old: Int)
    -> [(place: Int, weight: Float)]
  {
    let width = max(scale, 1)
    let places = max(0, Int(center - 2 * width + 0.5))..<min(old, Int(center + 2 * width + 0.5))
    let weights = places.map { cubic(abs((Float($0) - center + 0.5) / width), -0.5) }
    let sum = weights.reduce(0, +)
    return zip(places, weights).map { ($0, $1 / sum) }
  }

  /// The neighbours of a point that lies `t` behind a cell's centre.
  private func weights(_ t: Float) -> [(offset: Int, weight: Float)] {
    switch self {
    case .bicubic, .antialiasedBicubic:
      [-1, 0, 1, 2].map { ($0, Self.cubic(abs(t - Float($0)), -0.75)) }
    case .bilinear: [(0, 1 - t), (1, t)]
    }
  }

  /// The cubic's weight at a distance.
  private static func cubic(_ x: Float, _ a: Float) -> Float {
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
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
