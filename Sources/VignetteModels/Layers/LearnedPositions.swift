import VignetteTensors

/// A learned vector for each special token and each patch of a grid, resampled for images of another size.
struct LearnedPositions {
  let parameter: Parameter
  let specialTokens: Int
  let grid: Grid

  /// - Parameter weights: the scope in which `position_embeddings` [1, special tokens + patches, C] stands.
  init(
    _ weights: WeightScope, specialTokens: Int = 0, grid: Grid, width: Int, _ initialization: Initialization
  ) {
    parameter = weights.parameter(
      "position_embeddings", [1, specialTokens + grid.count, width], initialization)
    self.specialTokens = specialTokens
    self.grid = grid
  }

  /// x [B, special tokens + patches, C] with positions added, those of the patches for a grid of another size.
  func callAsFunction(_ x: Tensor, grid size: Grid) -> Tensor {
    guard size != grid else { return add(x, parameter) }
    let special = (0..<specialTokens).map { [(row: $0, weight: Float(1))] }
    let patches = Resampling.bicubic.cells(from: grid, to: size).map { cell in
      cell.map { (row: $0.row + specialTokens, weight: $0.weight) }
    }
    let rows = parameter.tensor(on: Tape.of(x)).reshaped(-1, parameter.shape[2])
    return add(x, toEachEntry: mixRows(rows, special + patches))
  }
}
