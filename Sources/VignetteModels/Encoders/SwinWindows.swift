import VignetteTensors

/// A feature map cut into square windows, after a cyclic shift that lets neighbours of other windows meet.
struct SwinWindows {
  let relativePositions: RelativePositions
  /// The penalty where two tokens of a window only met because the shift is cyclic: [windows, pairs of tokens].
  let mask: Tensor?
  private let cutting: TokenMap
  private let joining: TokenMap
  private let count: Int

  /// - Parameters:
  ///   - shift: how far the map moves up and left.
  ///   - penalty: what is added to the scores of tokens that don't belong together.
  init(_ grid: Grid, size: Int, shift: Int, penalty: Float = -100) {
    let across = Grid(rows: (grid.rows + size - 1) / size, columns: (grid.columns + size - 1) / size)
    let padded = Grid(rows: across.rows * size, columns: across.columns * size)
    let places = Self.places(across, size)
    cutting = TokenMap(
      places.map { place in
        let row = (place.row + shift) % padded.rows
        let column = (place.column + shift) % padded.columns
        return row < grid.rows && column < grid.columns ? Int32(row * grid.columns + column) : -1
      }, of: grid.count)
    joining = cutting.inverse
    count = across.count
    relativePositions = RelativePositions(Grid(rows: size, columns: size))
    mask = shift == 0 ? nil : Self.mask(places, padded, size: size, shift: shift, penalty: penalty)
  }

  /// [B, T, C] → [B · windows, tokens of a window, C]; what pads the map to whole windows is zero.
  func cut(_ x: Tensor) -> Tensor {
    gatherTokens(x, cutting).reshaped(x.shape[0] * count, relativePositions.tokens, x.shape[2])
  }

  /// [B · windows, tokens of a window, C] → [B, T, C]
  func join(_ x: Tensor) -> Tensor {
    gatherTokens(x.reshaped(-1, count * relativePositions.tokens, x.shape[2]), joining)
  }

  /// Where the tokens of all windows stand on the shifted map, window by window.
  private static func places(_ across: Grid, _ size: Int) -> [(row: Int, column: Int)] {
    (0..<across.count).flatMap { window in
      (0..<size * size).map { i in
        (window / across.columns * size + i / size, window % across.columns * size + i % size)
      }
    }
  }

  private static func mask(
    _ places: [(row: Int, column: Int)], _ padded: Grid, size: Int, shift: Int, penalty: Float
  ) -> Tensor {
    // The shift joins three strips in each direction: whole windows, the last one's rest, and what came round.
    func strip(_ place: Int, of length: Int) -> Int {
      (place >= length - size ? 1 : 0) + (place >= length - shift ? 1 : 0)
    }
    let regions = places.map { strip($0.row, of: padded.rows) * 3 + strip($0.column, of: padded.columns) }
    let tokens = size * size
    return Tensor(shape: [places.count / tokens, tokens * tokens]) { mask in
      for (t, region) in regions.enumerated() {
        let window = t / tokens * tokens
        for s in 0..<tokens { mask[t * tokens + s] = regions[window + s] == region ? 0 : penalty }
      }
    }
  }
}

extension SwinWindows {
  /// The windows of a stage's layers, which take them in turns: those that stand still, then those that are shifted,
  /// where there are any.
  ///
  /// - Parameters:
  ///   - shift: of every second layer.
  ///   - layers: the number of the stage's layers.
  static func alternating(
    _ grid: Grid, size: Int, shift: Int, layers: Int, penalty: Float = -100
  ) -> [SwinWindows] {
    shifts(shift, layers).map { SwinWindows(grid, size: size, shift: $0, penalty: penalty) }
  }

  private static func shifts(_ shift: Int, _ layers: Int) -> [Int] {
    shift == 0 || layers < 2 ? [0] : [0, shift]
  }

  /// Checks that there is memory for what a stage computes for each pair of a window's tokens.
  ///
  /// - Parameters:
  ///   - grid: the stage's feature map.
  ///   - image: the size of the images in pixels.
  /// - Throws: `TensorMemoryError`.
  static func requireMemory(
    _ grid: Grid, size: Int, shift: Int, layers: Int, heads: Int, image: (height: Int, width: Int)
  ) throws(TensorMemoryError) {
    let shifts = shifts(shift, layers)
    let windows = ((grid.rows + size - 1) / size) * ((grid.columns + size - 1) / size)
    // A table of distances for each shift, the scores and the bias of each head; masked, each window's are others.
    let masked = windows + windows * heads
    let numbers = shifts.count + heads + (shifts.count > 1 ? masked : heads)
    try MemoryCheck.pass(
      [size * size, size * size, numbers],
      "the attention within windows of \(size) × \(size) patches of an image of \(image.height) × \(image.width) pixels",
      lowering: ["size", "crop_size"], in: "preprocessor_config.json")
  }
}

extension Grid {
  /// Half as many rows and columns, rounded up.
  var halved: Grid { Grid(rows: (rows + 1) / 2, columns: (columns + 1) / 2) }
}

extension TokenMap {
  /// The four patches of each cell of the halved grid, down before across, as Swin merges them.
  static func merging(_ grid: Grid) -> TokenMap {
    let half = grid.halved
    let sources = (0..<half.count).flatMap { cell in
      [(0, 0), (1, 0), (0, 1), (1, 1)].map { down, right in
        let (row, column) = (cell / half.columns * 2 + down, cell % half.columns * 2 + right)
        return row < grid.rows && column < grid.columns ? Int32(row * grid.columns + column) : -1
      }
    }
    return TokenMap(sources, of: grid.count)
  }
}
