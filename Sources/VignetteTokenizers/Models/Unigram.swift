/// SentencePiece's unigram language model: of all ways to cut a text into pieces, the one whose scores add up to most.
/// (Kudo 2018, https://arxiv.org/abs/1804.10959)
package struct Unigram: TokenizerModel {
  /// The parts of a tokenizer around the model.
  struct Pipeline: Sendable {
    var normalizer: TextNormalizer
    var splitter: TextSplitter
    var decoder: TokenDecoder
  }

  package let vocabulary: Vocabulary
  package var allowsCleanUp: Bool { true }

  private let pipeline: Pipeline
  private let trie: PieceTrie
  private let scores: [Double]
  private let unknownID: Int32
  private let unknownScore: Double
  /// The ids of the tokens `<0x00>` to `<0xFF>`, or −1; empty without byte fallback.
  private let byteIDs: [Int32]

  /// How much worse an unknown character is than the worst piece.
  private static let unknownPenalty = 10.0

  /// Nil if the pieces are too many.
  ///
  /// - Parameters:
  ///   - scores: by id; the ids of the vocabulary have no gaps.
  ///   - unknownID: an id of the vocabulary.
  ///   - hasByteFallback: whether unknown text becomes bytes, where all of these are tokens.
  init?(
    vocabulary: Vocabulary, scores: [Double], unknownID: Int, hasByteFallback: Bool, pipeline: Pipeline
  ) {
    var trie = PieceTrie(capacity: 3 * scores.count)
    for id in scores.indices {
      let isInserted = vocabulary.token(id)?.withUnsafeBufferPointer { trie.insert($0, id: Int32(id)) }
      guard isInserted ?? true else { return nil }
    }
    self.vocabulary = vocabulary
    self.pipeline = pipeline
    self.trie = trie
    self.scores = scores
    self.unknownID = Int32(unknownID)
    unknownScore = (scores.min() ?? 0) - Self.unknownPenalty
    byteIDs =
      hasByteFallback ? (0..<256).map { vocabulary.id(of: Self.byteToken(UInt8($0)).utf8) ?? -1 } : []
  }

  /// `<0x0A>` for 10.
  private static func byteToken(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x\(digits.count == 1 ? "0" : "")\(digits)>"
  }

  package func normalized(_ text: UnsafeBufferPointer<UInt8>, leading: Int) -> NormalizedText? {
    pipeline.normalizer.apply(text, leading: leading)
  }

  package func encode(_ text: UnsafeBufferPointer<UInt8>, leading: Int, into ids: inout [Int]) {
    var lattice = Lattice()
    pipeline.splitter.split(text, leading: leading) { word in encode(word: word, &lattice, into: &ids) }
  }

  // MARK: The best way to cut

  /// The best way to each byte of a word. Its arrays are reused between words.
  private struct Lattice {
    /// What the pieces up to here add up to.
    var scores: [Double] = []
    /// Where the last piece begins, or −1 as long as no way is known.
    var starts: [Int32] = []
    var ids: [Int32] = []
    /// The pieces from the last to the first.
    var path: [(range: Range<Int>, id: Int32)] = []

    mutating func reset(_ count: Int) {
      scores.removeAll(keepingCapacity: true)
      starts.removeAll(keepingCapacity: true)
      ids.removeAll(keepingCapacity: true)
      scores.append(contentsOf: repeatElement(0, count: count + 1))
      starts.append(contentsOf: repeatElement(-1, count: count + 1))
      ids.append(contentsOf: repeatElement(-1, count: count + 1))
    }

    /// Takes a piece if no way to its end is known or none is as good; of equal ones the first stays.
    @inline(__always)
    mutating func offer(_ id: Int32, _ score: Double, from start: Int, to end: Int) {
      let total = score + scores[start]
      guard starts[end] < 0 || total > scores[end] else { return }
      scores[end] = total
      starts[end] = Int32(start)
      ids[end] = id
    }

    mutating func trace() {
      path.removeAll(keepingCapacity: true)
      var end = starts.count - 1
      while end > 0 {
        let start = Int(starts[end])
        path.append((start..<end, ids[end]))
        end = start
      }
    }
  }

  private func encode(word: UnsafeBufferPointer<UInt8>, _ lattice: inout Lattice, into ids: inout [Int]) {
    lattice.reset(word.count)
    var start = 0
    while start < word.count {
      let next = start + UTF8Bytes.scalar(word, at: start).length
      var hasCharacter = false
      trie.forEachPiece(word, from: start) { id, end in
        lattice.offer(id, scores[Int(id)], from: start, to: end)
        if end == next { hasCharacter = true }
      }
      if !hasCharacter { lattice.offer(unknownID, unknownScore, from: start, to: next) }
      start = next
    }
    lattice.trace()
    append(lattice.path, of: word, into: &ids)
  }

  /// Appends the ids of a path, in which neighbouring unknown pieces are one.
  private func append(
    _ path: [(range: Range<Int>, id: Int32)], of word: UnsafeBufferPointer<UInt8>, into ids: inout [Int]
  ) {
    var unknown: Range<Int>?
    for (range, id) in path.reversed() {
      if id == unknownID {
        unknown = (unknown?.lowerBound ?? range.lowerBound)..<range.upperBound
        continue
      }
      if let range = unknown { append(unknown: UnsafeBufferPointer(rebasing: word[range]), into: &ids) }
      unknown = nil
      ids.append(Int(id))
    }
    if let unknown { append(unknown: UnsafeBufferPointer(rebasing: word[unknown]), into: &ids) }
  }

  private func append(unknown text: UnsafeBufferPointer<UInt8>, into ids: inout [Int]) {
    if let id = vocabulary.id(of: text) {
      ids.append(Int(id))
    } else if !byteIDs.isEmpty, text.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
      for byte in text { ids.append(Int(byteIDs[Int(byte)])) }
    } else {
      ids.append(Int(unknownID))
    }
  }

  // MARK: Decoding

  package func textBytes(of token: ArraySlice<UInt8>) -> [UInt8] {
    if pipeline.decoder.hasByteFallback, let byte = TokenDecoder.byte(of: token) { return [byte] }
    let before = Array("x".utf8)[...]
    return Array(pipeline.decoder.decode([before, token]).dropFirst(pipeline.decoder.decode([before]).count))
  }

  package func decode(_ tokens: [ArraySlice<UInt8>]) -> String {
    String(decoding: pipeline.decoder.decode(tokens), as: UTF8.self)
  }
}
