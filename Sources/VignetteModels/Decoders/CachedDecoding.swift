import VignetteTensors

/// Captions of encoded images in the making, by a decoder that attends to them: what a search drives.
///
/// Keys and values are kept between steps, those of the images made once.
package struct CachedDecoding: DecodingModel {
  private let decoder: any TextDecoder
  private let image: Tensor
  private let cache: DecoderCache

  /// - Parameter image: hidden states [I, S, C] at the decoder's width.
  init(_ decoder: any TextDecoder, image: Tensor) {
    self.decoder = decoder
    self.image = image.detached
    cache = DecoderCache(layerCount: decoder.layerCount)
  }

  package var imageCount: Int { image.shape[0] }
  package var vocabularySize: Int { decoder.vocabularySize }
  package var maximumLength: Int { decoder.maximumLength }

  package func begin(prompts: [[Int]], logits: UnsafeMutableBufferPointer<Float>) throws {
    cache.begin(prompts.map(\.count))
    try write(prompts, to: logits)
  }

  package func step(tokens: [Int], parents: [Int], logits: UnsafeMutableBufferPointer<Float>) throws {
    cache.advance(parents: parents)
    try write(tokens.map { [$0] }, to: logits)
  }

  private func write(_ tokens: [[Int]], to logits: UnsafeMutableBufferPointer<Float>) throws {
    try MemoryFault.thrown(
      by: "decoding captions of \(imageCount) images", lowering: ["batch_size", "num_beams"]
    ) {
      decoder.nextLogits(tokens: tokens, image: image, cache: cache)
        .withFloats { _ = logits.update(fromContentsOf: $0) }
    }
  }
}

/// Keys and values of the tokens decoded so far, for all layers and rows (beams).
///
/// Choosing beams moves no keys or values: a table says at which row each row's earlier tokens stand. The newest tokens
/// of all rows stand at one position, behind all others, so that nothing is overwritten that another row needs; rows
/// with shorter prompts begin at a later position.
final class DecoderCache {
  private var layers: [LayerCache]
  /// The image that each row captions.
  private var imageOfRow: [Int32] = []
  /// For each row, the rows at which its tokens stand in the stores.
  private var rowsOfTokens: [[Int32]] = []
  /// The position of each row's first token.
  private var firsts: [Int] = []
  /// Behind the position of the newest tokens.
  private var end = 0
  /// Where the new tokens stand, row by row.
  private var new: [(row: Int, position: Int)] = []
  private var tokenTable = CacheRows([])
  private var imageTable = CacheRows([])

  init(layerCount: Int) { layers = [LayerCache](repeating: LayerCache(), count: layerCount) }

  /// Makes room for the first tokens of a row for each image.
  ///
  /// - Parameter counts: how many tokens each row has, one at least.
  func begin(_ counts: [Int]) {
    precondition(counts.allSatisfy { $0 > 0 }, "a prompt has a token at least")
    end = counts.max() ?? 0
    firsts = counts.map { end - $0 }
    imageOfRow = counts.indices.map { Int32($0) }
    rowsOfTokens = counts.indices.map { [Int32](repeating: Int32($0), count: end) }
    new = firsts.enumerated().flatMap { row, first in (first..<end).map { (row, $0) } }
    makeTables()
  }

  /// Makes room for one more token of each row.
  ///
  /// - Parameter parents: the row that each row goes on from.
  func advance(parents: [Int]) {
    imageOfRow = parents.map { imageOfRow[$0] }
    firsts = parents.map { firsts[$0] }
    rowsOfTokens = parents.map { rowsOfTokens[$0] }
    for row in rowsOfTokens.indices { rowsOfTokens[row].append(Int32(row)) }
    new = parents.indices.map { ($0, end) }
    end += 1
    makeTables()
  }

  /// How many tokens of its row stand before the new ones of each row.
  func pastLengths(before counts: [Int]) -> [Int] { zip(firsts, counts).map { end - $0 - $1 } }

  private func makeTables() {
    let isEven = new.count == firsts.count && firsts.allSatisfy { $0 == 0 }
    tokenTable = CacheRows(
      new.flatMap { rowsOfTokens[$0.row] }, positions: end,
      ranges: isEven ? nil : new.map { firsts[$0.row]..<$0.position + 1 })
    imageTable = CacheRows(new.map { imageOfRow[$0.row] })
  }

  /// Attention of the new tokens [N, C] to their rows' tokens up to themselves.
  func attend(layer: Int, query: Tensor, key: Tensor, value: Tensor, heads: Int, scale: Float) -> Tensor {
    let (keys, values) = layers[layer].append(key, value, at: new, rows: firsts.count)
    return cachedAttention(
      query, keys: keys, values: values, positions: end, rows: tokenTable, heads: heads, scale: scale)
  }

  /// Attention of the new tokens [N, C] to their images, whose keys and values [I, S, C] are made once.
  func attendToImage(
    layer: Int, query: Tensor, heads: Int, scale: Float, keysAndValues: () -> (Tensor, Tensor)
  ) -> Tensor {
    let (keys, values) = layers[layer].image ?? keysAndValues()
    layers[layer].image = (keys, values)
    return cachedAttention(
      query, keys: keys, values: values, positions: keys.shape[1], rows: imageTable, heads: heads,
      scale: scale)
  }
}

/// One layer's part of a ``DecoderCache``.
private struct LayerCache {
  private var keys: Tensor?
  private var values: Tensor?
  var image: (Tensor, Tensor)?

  /// Stores the new tokens' keys and values [N, C] and returns all: [≥ rows, ≥ positions, C].
  mutating func append(_ key: Tensor, _ value: Tensor, at new: [(row: Int, position: Int)], rows: Int) -> (
    keys: Tensor, values: Tensor
  ) {
    let stored = (Self.stored(key, in: keys, at: new, rows), Self.stored(value, in: values, at: new, rows))
    (keys, values) = stored
    return stored
  }

  private static func stored(
    _ tokens: Tensor, in old: Tensor?, at new: [(row: Int, position: Int)], _ rows: Int
  ) -> Tensor {
    let (last, width) = (new.last?.position ?? 0, tokens.shape[1])
    let store = room(rows: rows, positions: last + 1, in: old, width: width, dtype: tokens.dtype)
    if new.count == rows {
      store.slice(0..<rows, axis: 0).slice(last..<last + 1, axis: 1).assign(tokens.reshaped(rows, 1, width))
    } else {
      for (number, place) in new.enumerated() {
        store.slice(place.row..<place.row + 1, axis: 0)
          .slice(place.position..<place.position + 1, axis: 1)
          .assign(tokens.slice(number..<number + 1, axis: 0).reshaped(1, 1, width))
      }
    }
    return store
  }

  /// The store, or a larger one with its contents.
  private static func room(rows: Int, positions: Int, in old: Tensor?, width: Int, dtype: DType) -> Tensor {
    guard let old else {
      return Tensor(uninitialized: [rows, max(firstCapacity, positions), width], dtype: dtype)
    }
    let (oldRows, capacity) = (old.shape[0], old.shape[1])
    guard rows > oldRows || positions > capacity else { return old }
    let larger = Tensor(
      uninitialized: [max(rows, oldRows), positions > capacity ? 2 * capacity : capacity, width],
      dtype: dtype)
    larger.slice(0..<oldRows, axis: 0).slice(0..<capacity, axis: 1).assign(old)
    return larger
  }

  private static let firstCapacity = 16
}
