/// Byte-level byte-pair encoding, as GPT-2 and RoBERTa use it.
package struct ByteLevelBPE: TokenizerModel {
  /// How the model departs from GPT-2's.
  package struct Options: Sendable, Equatable {
    /// Puts a space before text that has none, so that the first word is as any other.
    package var addPrefixSpace = false
    /// Cuts text into words first.
    package var usesRegex = true
    /// The token for bytes that the vocabulary lacks; they are left out without one.
    package var unknownToken: String?
    /// Makes one unknown token of several in a row.
    package var fusesUnknown = false
    /// Takes a word that is a token as it is.
    package var ignoresMerges = false

    package init() {}
  }

  package let vocabulary: Vocabulary
  package let merges: MergeTable
  package let options: Options
  package var allowsCleanUp: Bool { false }

  /// The id of each byte's character, or −1.
  private let byteIDs: [Int32]
  private let unknownID: Int32?

  package init(vocabulary: Vocabulary, merges: MergeTable, options: Options) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.options = options
    byteIDs = (0..<256).map { vocabulary.id(of: ByteAlphabet.spelling(UInt8($0))) ?? -1 }
    unknownID = options.unknownToken.flatMap { vocabulary.id(of: $0.utf8) }
  }

  package func normalized(_ text: UnsafeBufferPointer<UInt8>, leading: Int) -> NormalizedText? { nil }

  package func encode(_ text: UnsafeBufferPointer<UInt8>, leading: Int, into ids: inout [Int]) {
    guard options.addPrefixSpace, let first = text.first, first != 0x20 else {
      return split(text, into: &ids)
    }
    var prefixed: [UInt8] = [0x20]
    prefixed.append(contentsOf: text)
    prefixed.withUnsafeBufferPointer { split($0, into: &ids) }
  }

  private func split(_ text: UnsafeBufferPointer<UInt8>, into ids: inout [Int]) {
    var encoder = BytePairEncoder()
    guard options.usesRegex else { return encode(word: text, &encoder, into: &ids) }
    var splitter = ByteLevelSplitter(text)
    while let range = splitter.next() {
      encode(word: UnsafeBufferPointer(rebasing: text[range]), &encoder, into: &ids)
    }
  }

  private func encode(
    word: UnsafeBufferPointer<UInt8>, _ encoder: inout BytePairEncoder, into ids: inout [Int]
  ) {
    if options.ignoresMerges, let id = vocabulary.id(of: word.flatMap(ByteAlphabet.spelling)) {
      ids.append(Int(id))
      return
    }
    encoder.removeAll()
    var followsUnknown = false
    for byte in word {
      let id = byteIDs[Int(byte)]
      if id >= 0 {
        encoder.append(id)
      } else if let unknownID {
        // `tokenizers` sees characters of the spelling, of which each byte is one.
        if !(followsUnknown && options.fusesUnknown) { encoder.append(unknownID) }
      }
      followsUnknown = id < 0
    }
    encoder.merge(with: merges, into: &ids)
  }

  package func textBytes(of token: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    ByteAlphabet.append(token: token, to: &bytes)
    return bytes
  }

  package func decode(_ tokens: [ArraySlice<UInt8>]) -> String {
    var bytes: [UInt8] = []
    for token in tokens { ByteAlphabet.append(token: token, to: &bytes) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// GPT-2's spelling of bytes: each of the 256 bytes is a printable character, so that tokens are readable text.
///
/// Printable Latin-1 stands for itself; the other bytes, in order, are U+0100 and up (a space is `Ġ`).
package enum ByteAlphabet {
  /// The scalar that spells each byte.
  package static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
      default:
        defer { next += 1 }
        return next
      }
    }
  }()

  /// The byte that each scalar up to U+0143 spells, or −1.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: Int(scalars.max() ?? 0) + 1)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = Int16(byte) }
    return bytes
  }()

  /// A byte's character in UTF-8.
  package static func spelling(_ byte: UInt8) -> [UInt8] {
    var spelling: [UInt8] = []
    UTF8Bytes.append(scalars[Int(byte)], to: &spelling)
    return spelling
  }

  /// Appends the bytes that a token spells; the token's own bytes where a character of it spells none.
  static func append(token: ArraySlice<UInt8>, to output: inout [UInt8]) {
    let start = output.count
    let isSpelled = token.withUnsafeBufferPointer { token in
      var index = 0
      while index < token.count {
        let (scalar, length) = UTF8Bytes.scalar(token, at: index)
        guard scalar < bytes.count, bytes[Int(scalar)] >= 0 else { return false }
        output.append(UInt8(bytes[Int(scalar)]))
        index += length
      }
      return true
    }
    if !isSpelled {
      output.removeSubrange(start...)
      output.append(contentsOf: token)
    }
  }
}

/// Joins the symbols of one word by rank: of all neighbours that a merge joins, the lowest rank goes first, and of
/// equals the leftmost. (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909)
///
/// Takes O(n log n) for n symbols, so that a megabyte without spaces ends too. Its arrays are reused between words.
struct BytePairEncoder {
  private var ids: [Int32] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  /// A binary heap of `rank << 32 | position`, the least on top.
  private var heap: [UInt64] = []

  private static let joined: Int32 = -1

  mutating func removeAll() { ids.removeAll(keepingCapacity: true) }

  mutating func append(_ id: Int32) { ids.append(id) }

  /// Joins the appended symbols and appends what is left to `output`.
  mutating func merge(with merges: MergeTable, into output: inout [Int]) {
    if ids.count > 1 { join(merges) }
    for id in ids where id != Self.joined { output.append(Int(id)) }
  }

  private mutating func join(_ merges: MergeTable) {
    let count = Int32(ids.count)
    next.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for index in 0..<count {
      previous.append(index - 1)
      next.append(index + 1 < count ? index + 1 : -1)
    }
    for index in 0..<count { pushMerge(at: index, merges) }

    while let top = pop() {
      let left = Int(top & 0xFFFF_FFFF)
      // The pair may have changed since it was pushed: then its rank is another, or it is gone.
      guard ids[left] != Self.joined, next[left] >= 0, case let right = Int(next[left]),
        let merge = merges[ids[left], ids[right]], merge.rank == Int32(top >> 32)
      else { continue }
      ids[left] = merge.id
      ids[right] = Self.joined
      next[left] = next[right]
      if next[left] >= 0 { previous[Int(next[left])] = Int32(left) }
      pushMerge(at: Int32(left), merges)
      if previous[left] >= 0 { pushMerge(at: previous[left], merges) }
    }
  }

  private mutating func pushMerge(at left: Int32, _ merges: MergeTable) {
    let right = next[Int(left)]
    guard right >= 0, let merge = merges[ids[Int(left)], ids[Int(right)]] else { return }
    push(UInt64(merge.rank) << 32 | UInt64(left))
  }

  private mutating func push(_ entry: UInt64) {
    heap.append(entry)
    var child = heap.count - 1
    while child > 0, case let parent = (child - 1) / 2, heap[parent] > heap[child] {
      heap.swapAt(parent, child)
      child = parent
    }
  }

  private mutating func pop() -> UInt64? {
    guard let top = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return top }
    heap[0] = last
    var parent = 0
    while case var child = 2 * parent + 1, child < heap.count {
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      guard heap[child] < heap[parent] else { break }
      heap.swapAt(parent, child)
      parent = child
    }
    return top
  }
}
