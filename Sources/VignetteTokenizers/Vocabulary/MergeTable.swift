import VignetteFiles

/// The merges of a BPE model: a pair of token ids → its rank and the id of the joined token.
package struct MergeTable: Sendable {
  /// `rank` orders merges: the lowest is applied first.
  package struct Merge: Sendable, Equatable {
    package var rank: Int32
    package var id: Int32
  }

  /// Open addressing with linear probing; `keys` is `left << 32 | right`, and `freeKey` where free.
  private var keys: [UInt64]
  private var merges: [Merge]
  /// The pairs by rank, for writing them again.
  private(set) var pairs: [UInt64] = []

  private static let freeKey = UInt64.max

  package init(capacity: Int) {
    var size = 16
    while size < capacity * 2 { size *= 2 }
    keys = Array(repeating: Self.freeKey, count: size)
    merges = Array(repeating: Merge(rank: 0, id: 0), count: size)
    pairs.reserveCapacity(capacity)
  }

  package var count: Int { pairs.count }

  /// Adds the next merge. A pair that comes again takes the later rank, as in Hugging Face's `tokenizers`.
  package mutating func append(_ left: Int32, _ right: Int32, id: Int32) {
    if (pairs.count + 1) * 2 > keys.count { grow() }
    let key = Self.key(left, right)
    let slot = slot(of: key)
    keys[slot] = key
    merges[slot] = Merge(rank: Int32(pairs.count), id: id)
    pairs.append(key)
  }

  package subscript(left: Int32, right: Int32) -> Merge? {
    let slot = slot(of: Self.key(left, right))
    return keys[slot] == Self.freeKey ? nil : merges[slot]
  }

  /// The ids of the pair with a rank.
  func pair(_ rank: Int) -> (left: Int, right: Int) {
    (Int(pairs[rank] >> 32), Int(pairs[rank] & 0xFFFF_FFFF))
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  private func slot(of key: UInt64) -> Int {
    let mask = keys.count - 1
    let hash = key &* 0x9E37_79B9_7F4A_7C15
    var slot = Int(truncatingIfNeeded: hash >> 32) & mask
    while keys[slot] != key, keys[slot] != Self.freeKey { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = (keys, merges)
    keys = Array(repeating: Self.freeKey, count: keys.count * 2)
    merges = Array(repeating: Merge(rank: 0, id: 0), count: keys.count)
    for (key, merge) in zip(old.0, old.1) where key != Self.freeKey {
      let slot = slot(of: key)
      keys[slot] = key
      merges[slot] = merge
    }
  }
}

/// Merges as a file lists them, by name.
struct MergeList {
  /// The left and right tokens of all merges one after another.
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  var count: Int { ends.count / 2 }

  /// Reads the `merges` of a tokenizer.json: `["a b", …]` or `[["a", "b"], …]`.
  init(_ cursor: inout JSONCursor) throws(JSONFault) {
    try cursor.elements { (cursor) throws(JSONFault) in
      if cursor.peek() == UInt8(ascii: "[") {
        let before = ends.count
        try cursor.elements { (cursor) throws(JSONFault) in try cursor.text().withBytes { append($0) } }
        guard ends.count == before + 2 else { throw cursor.fault("a merge that is no pair") }
      } else {
        try cursor.text().withBytes { (line) throws(JSONFault) in
          guard append(line: line) else { throw cursor.fault("a merge that is no pair") }
        }
      }
    }
  }

  /// Reads a merges.txt: a pair a line, after a line `#version`.
  init(lines text: UnsafeBufferPointer<UInt8>, file: String) throws {
    var number = 0
    var start = 0
    while start < text.count {
      number += 1
      let newLine = text[start...].firstIndex(of: 0x0A) ?? text.count
      var end = newLine
      if end > start, text[end - 1] == 0x0D { end -= 1 }
      let line = UnsafeBufferPointer(rebasing: text[start..<end])
      start = newLine + 1
      if line.starts(with: "#version".utf8) { continue }
      guard append(line: line) else {
        throw TokenizerError.invalid(file: file, problem: "line \(number) is no pair of tokens")
      }
    }
  }

  private mutating func append(line: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let space = line.firstIndex(of: 0x20), !line[(space + 1)...].contains(0x20) else { return false }
    append(UnsafeBufferPointer(rebasing: line[..<space]))
    append(UnsafeBufferPointer(rebasing: line[(space + 1)...]))
    return true
  }

  private mutating func append(_ token: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: token)
    ends.append(bytes.count)
  }

  /// Looks the tokens up.
  ///
  /// - Throws: ``TokenizerError/invalid(file:problem:)`` where a merge names or makes a token that isn't there.
  func table(_ vocabulary: Vocabulary, file: String) throws -> MergeTable {
    var table = MergeTable(capacity: count)
    try bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      for rank in 0..<count {
        let left = UnsafeBufferPointer(rebasing: bytes[start..<ends[2 * rank]])
        let right = UnsafeBufferPointer(rebasing: bytes[ends[2 * rank]..<ends[2 * rank + 1]])
        start = ends[2 * rank + 1]
        guard let leftID = vocabulary.id(of: left), let rightID = vocabulary.id(of: right),
          let id = vocabulary.id(of: left, followedBy: right)
        else {
          let pair = [left, right].map { "\"\(String(decoding: $0, as: UTF8.self))\"" }.joined(
            separator: " and ")
          throw TokenizerError.invalid(
            file: file,
            problem: "merge \(rank + 1) joins \(pair), but the vocabulary lacks one of them or the result")
        }
        table.append(leftID, rightID, id: id)
      }
    }
    return table
  }
}
