import Tensors

/// Learned positions of a grid of patches, resampled to another grid.
///
/// Bicubic with a = −0.75 and pixel centres at halves, without anti-aliasing: PyTorch's
/// `interpolate(mode="bicubic", align_corners=False)`.
func interpolatePositions(
  _ grid: [Float], from: (rows: Int, columns: Int), to: (rows: Int, columns: Int), width: Int
) -> [Float] {
  let vertical = cubicTaps(from: from.rows, to: to.rows)
  let horizontal = cubicTaps(from: from.columns, to: to.columns)
  var result = [Float](repeating: 0, count: to.rows * to.columns * width)
  for (y, row) in vertical.enumerated() {
    for (x, column) in horizontal.enumerated() {
      let target = (y * to.columns + x) * width
      for (sourceY, weightY) in row {
        for (sourceX, weightX) in column {
          let source = (sourceY * from.columns + sourceX) * width
          for c in 0..<width { result[target + c] += weightY * weightX * grid[source + c] }
        }
      }
    }
  }
  return result
}

/// For each of `to` places, the four places of `from` that it is made of and their weights.
private func cubicTaps(from: Int, to: Int) -> [[(index: Int, weight: Float)]] {
  let a: Float = -0.75
  func near(_ x: Float) -> Float { ((a + 2) * x - (a + 3)) * x * x + 1 }
  func far(_ x: Float) -> Float { ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
  return (0..<to).map { i in
    let place = Float(from) / Float(to) * (Float(i) + 0.5) - 0.5
    let base = place.rounded(.down)
    let t = place - base
    let weights = [far(t + 1), near(t), near(1 - t), far(2 - t)]
    return weights.enumerated().map { k, weight in
      (min(max(Int(base) + k - 1, 0), from - 1), weight)
    }
  }
}
