import VignetteTensors

/// Captions of encoded images in the making, by a decoder that attends to them or has them before its own tokens: what a
/// search drives.
///
/// Keys and values are kept between steps, those of the images made once.
package struct CachedDecoding: DecodingModel {
  private let decoder: any TextDecoder
  private let image: Tensor
  private let cache: DecoderCache

  /// - Parameters:
  ///   - image: hidden states [I, S, C] at the decoder's width.
  ///   - imageComesFirst: whether each image's S states stand before the tokens of its caption, in one sequence.
  init(_ decoder: any TextDecoder, image: Tensor, imageComesFirst: Bool = false) {
    self.decoder = decoder
    self.image = image.detached
    cache = DecoderCache(
      layerCount: decoder.layerCount, prefixLength: imageComesFirst ? image.shape[1] : 0)
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

/// Keys and values of the tokens decoded so far, for all layers and rows (beams), and of the images where these come before
/// the tokens.
///
/// Each takes a slot when it comes and keeps it: choosing beams moves no keys or values, since a table says for each row
/// in which slots its tokens stand.
final class DecoderCache {
  /// How many states of its image come before each row's tokens.
  private let prefixLength: Int
  private var layers: [LayerCache]
  /// The image that each row captions.
  private var imageOfRow: [Int32] = []
  /// For each row, the slots of its image's states and its tokens, in their order.
  private var slotsOfRow: [[Int32]] = []
  /// How many slots are taken.
  private var slotCount = 0
  /// The length of the longest row.
  private var positions = 0
  private var tokenTable = CacheRows([])
  private var imageTable = CacheRows([])

  init(layerCount: Int, prefixLength: Int = 0) {
    self.prefixLength = prefixLength
    layers = [LayerCache](repeating: LayerCache(), count: layerCount)
  }

  /// Makes room for the first tokens of a row for each image.
  ///
  /// - Parameter counts: how many tokens each row has, one at least.
  func begin(_ counts: [Int]) {
    precondition(counts.allSatisfy { $0 > 0 }, "a prompt has a token at least")
    for layer in layers.indices { layers[layer].forgetTokens() }
    imageOfRow = counts.indices.map { Int32($0) }
    slotCount = 0
    slotsOfRow = counts.map { _ in takeSlots(prefixLength) }
    for (row, count) in counts.enumerated() { slotsOfRow[row] += takeSlots(count) }
    makeTables(newTokens: counts)
  }

  /// Makes room for one more token of each row.
  ///
  /// - Parameter parents: the row that each row goes on from.
  func advance(parents: [Int]) {
    imageOfRow = parents.map { imageOfRow[$0] }
    slotsOfRow = parents.map { slotsOfRow[$0] + takeSlots(1) }
    makeTables(newTokens: parents.map { _ in 1 })
  }

  private func takeSlots(_ count: Int) -> [Int32] {
    defer { slotCount += count }
    return (slotCount..<slotCount + count).map { Int32($0) }
  }

  /// How many tokens of its row stand before the new ones of each row.
  func pastLengths(before counts: [Int]) -> [Int] {
    zip(slotsOfRow, counts).map { $0.count - $1 - prefixLength }
  }

  private func makeTables(newTokens counts: [Int]) {
    positions = slotsOfRow.map(\.count).max() ?? 0
    let slots = slotsOfRow.map { $0 + [Int32](repeating: 0, count: positions - $0.count) }
    let rows = counts.enumerated().flatMap { row, count in [Int](repeating: row, count: count) }
    // A token sees its row up to itself.
    let ends = zip(slotsOfRow, counts).flatMap { row, count in row.count - count + 1..<row.count + 1 }
    tokenTable = CacheRows(
      rows.flatMap { slots[$0] }, positions: positions,
      ranges: ends.allSatisfy { $0 == positions } ? nil : ends.map { 0..<$0 })
    imageTable = CacheRows(rows.map { imageOfRow[$0] })
  }

  /// Whether the keys and values of the images, which come before the tokens, are still to be given.
  var awaitsImages: Bool { prefixLength > 0 && layers.allSatisfy(\.isEmpty) }

  /// Takes a layer's keys and values [I, S, C] of the images, before those of any token.
  func prepend(layer: Int, keys: Tensor, values: Tensor) {
    precondition(keys.shape[1] == prefixLength && layers[layer].isEmpty, "images come first, and once")
    layers[layer].append(keys.reshaped(-1, keys.shape[2]), values.reshaped(-1, values.shape[2]))
  }

  /// Attention of the new tokens [N, C] to what stands in their rows up to themselves.
  func attend(layer: Int, query: Tensor, key: Tensor, value: Tensor, heads: Int, scale: Float) -> Tensor {
    let (keys, values) = layers[layer].append(key, value)
    return cachedAttention(
      query, keys: keys, values: values, positions: positions, rows: tokenTable, heads: heads, scale: scale)
  }

  /// Attention of the new tokens [N, C] to their images, whose keys and values [I, S, C] are made once.
  func attendToImage(
    layer: Int, query: Tensor, heads: Int, scale: Float, keysAndValues: () -> (Tensor, Tensor)
  ) -> Tensor {
    func made() -> (Tensor, Tensor) {
      let (keys, values) = keysAndValues()
      return (headsApart(keys, heads: heads), headsApart(values, heads: heads))
    }
    let (keys, values) = layers[layer].image ?? made()
    layers[layer].image = (keys, values)
    return cachedAttention(
      query, keys: keys, values: values, positions: keys.shape[2], rows: imageTable, heads: heads,
      scale: scale)
  }
}

/// One layer's part of a ``DecoderCache``.
private struct LayerCache {
  private var keys: Tensor?
  private var values: Tensor?
  /// How many slots are filled.
  private var count = 0
  var image: (Tensor, Tensor)?

  var isEmpty: Bool { count == 0 }

  mutating func forgetTokens() { count = 0 }

  /// Stores keys and values [N, C] in the next slots and returns all: [≥ slots, C].
  @discardableResult
  mutating func append(_ key: Tensor, _ value: Tensor) -> (keys: Tensor, values: Tensor) {
    let stores = (stored(key, in: keys), stored(value, in: values))
    (keys, values) = stores
    count += key.shape[0]
    return stores
  }

  private func stored(_ new: Tensor, in old: Tensor?) -> Tensor {
    let store = room(for: new, in: old)
    store.slice(count..<count + new.shape[0], axis: 0).assign(new)
    return store
  }

  /// The store, or a larger one with its contents.
  private func room(for new: Tensor, in old: Tensor?) -> Tensor {
    let needed = count + new.shape[0]
    if let old, needed <= old.shape[0] { return old }
    let larger = Tensor(
      uninitialized: [needed + max(needed / 2, Self.leastGrowth), new.shape[1]], dtype: new.dtype)
    if let old { larger.slice(0..<count, axis: 0).assign(old.slice(0..<count, axis: 0)) }
    return larger
  }

  private static let leastGrowth = 64
}
