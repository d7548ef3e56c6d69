import VignetteTensors

/// Keys and values of the tokens decoded so far, for all layers and rows (beams).
///
/// Choosing beams moves no keys or values: a table says at which row each row's earlier tokens stand.
final class DecoderCache {
  private var layers: [LayerCache]
  /// The image that each row captions.
  private var imageOfRow: [Int32] = []
  /// For each row, the rows at which its tokens stand in the stores.
  private var places: [[Int32]] = []
  /// How many tokens each row has, the newest included.
  private(set) var length = 0
  private var tableOfPlaces = CacheRows([])
  private var tableOfImages = CacheRows([])

  init(layerCount: Int) { layers = [LayerCache](repeating: LayerCache(), count: layerCount) }

  /// Makes room for one more token of each row.
  ///
  /// - Parameter parents: before the first token, the image that each row captions; then the row that each
  ///   row goes on from.
  func advance(parents: [Int]) {
    if length == 0 {
      imageOfRow = parents.map { Int32($0) }
      places = parents.map { _ in [] }
    } else {
      imageOfRow = parents.map { imageOfRow[$0] }
      places = parents.map { places[$0] }
    }
    for row in places.indices { places[row].append(Int32(row)) }
    length += 1
    tableOfPlaces = CacheRows(places.flatMap { $0 }, positions: length)
    tableOfImages = CacheRows(imageOfRow)
  }

  /// Attention of the newest token of each row [R, C] to its row's tokens, itself included.
  func attend(layer: Int, query: Tensor, key: Tensor, value: Tensor, heads: Int, scale: Float) -> Tensor {
    let (keys, values) = layers[layer].append(key, value, at: length - 1)
    return cachedAttention(
      query, keys: keys, values: values, positions: length, rows: tableOfPlaces, heads: heads, scale: scale)
  }

  /// Attention of the newest token of each row [R, C] to its image, whose keys and values [I, S, C] are
  /// made once.
  func attendToImage(
    layer: Int, query: Tensor, heads: Int, scale: Float, keysAndValues: () -> (Tensor, Tensor)
  ) -> Tensor {
    let (keys, values) = layers[layer].image ?? keysAndValues()
    layers[layer].image = (keys, values)
    return cachedAttention(
      query, keys: keys, values: values, positions: keys.shape[1], rows: tableOfImages, heads: heads,
      scale: scale)
  }
}

/// One layer's part of a ``DecoderCache``.
private struct LayerCache {
  private var keys: Tensor?
  private var values: Tensor?
  var image: (Tensor, Tensor)?

  /// Stores one token's key and value of each row [R, C] and returns all: [≥ R, ≥ position + 1, C].
  mutating func append(_ key: Tensor, _ value: Tensor, at position: Int) -> (keys: Tensor, values: Tensor) {
    let stored = (Self.stored(key, in: keys, at: position), Self.stored(value, in: values, at: position))
    (keys, values) = stored
    return stored
  }

  private static func stored(_ new: Tensor, in old: Tensor?, at position: Int) -> Tensor {
    let (rows, width) = (new.shape[0], new.shape[1])
    var store = old ?? Tensor(uninitialized: [rows, firstCapacity, width], dtype: new.dtype)
    if rows > store.shape[0] || position >= store.shape[1] {
      let larger = Tensor(
        uninitialized: [
          max(rows, store.shape[0]), position >= store.shape[1] ? 2 * position : store.shape[1], width,
        ],
        dtype: new.dtype)
      let used = larger.slice(0..<store.shape[0], axis: 0).slice(0..<position, axis: 1)
      used.assign(store.slice(0..<position, axis: 1))
      store = larger
    }
    store.slice(0..<rows, axis: 0).slice(position..<position + 1, axis: 1).assign(
      new.reshaped(rows, 1, width))
    return store
  }

  private static let firstCapacity = 16
}
