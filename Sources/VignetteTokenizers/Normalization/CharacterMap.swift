import Foundation

/// The character map that SentencePiece compiles from its normalisation rules: a trie of strings, each with what it
/// becomes. (The trie is a double array of https://github.com/s-yata/darts-clone.)
struct CharacterMap: Sendable {
  private let units: [UInt32]
  /// What strings become, each ended by a zero.
  private let replacements: [UInt8]
  /// What each ASCII character becomes, where that is no cluster with the next.
  private var ascii: [Range<Int>?] = []

  /// Real maps have about 45,000.
  private static let maximumUnits = 1 << 20

  /// - Parameter bytes: the trie's size in bytes, the trie and the replacements.
  init(_ bytes: some Collection<UInt8>) throws(TokenizerFault) {
    let bytes = Array(bytes)
    guard bytes.count >= 4 else { throw TokenizerFault(problem: "it has \(bytes.count) bytes") }
    let size = Int(Self.unit(bytes, at: 0))
    guard size >= 4, size <= bytes.count - 4 else {
      throw TokenizerFault(problem: "its trie has \(size) of \(bytes.count - 4) bytes")
    }
    let count = size / 4
    guard count <= Self.maximumUnits else { throw TokenizerFault(problem: "its trie has \(count) units") }
    units = (0..<count).map { Self.unit(bytes, at: 4 + 4 * $0) }
    replacements = Array(bytes[(4 + 4 * count)...])
    guard String(validating: replacements, as: UTF8.self) != nil else {
      throw TokenizerFault(problem: "its replacements are no UTF-8")
    }
    try checkTrie()
    ascii = (UInt8(0)..<128).map { byte in [byte].withUnsafeBufferPointer { replacement(of: $0) } }
  }

  private static func unit(_ bytes: [UInt8], at index: Int) -> UInt32 {
    (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << (8 * UInt32($1)) }
  }

  // MARK: Applying

  /// Rewrites text as `tokenizers` does: a cluster of fewer than six bytes as a whole, if it or the beginning of it is in
  /// the map, and else character by character. Nil where nothing changes.
  ///
  /// - Parameter leading: as in ``NormalizedText``.
  func apply(_ text: UnsafeBufferPointer<UInt8>, leading: Int) -> NormalizedText? {
    var output = Output(text, leading)
    var start = 0
    while start < text.count {
      let end = GraphemeBreaks.end(text, from: start)
      let cluster = UnsafeBufferPointer(rebasing: text[start..<end])
      let whole =
        end - start == 1 ? ascii[Int(text[start])] : end - start < 6 ? replacement(of: cluster) : nil
      if let whole {
        output.replace(cluster, by: replacements[whole])
      } else {
        append(characters: cluster, to: &output)
      }
      start = end
    }
    return output.finished()
  }

  /// Rewrites text as SentencePiece itself does: at each position the longest string there that is in the map. Nil where
  /// nothing changes.
  ///
  /// - Parameter leading: as in ``NormalizedText``.
  func applyLongest(_ text: UnsafeBufferPointer<UInt8>, leading: Int) -> NormalizedText? {
    var output = Output(text, leading)
    var start = 0
    while start < text.count {
      let rest = UnsafeBufferPointer(rebasing: text[start...])
      if let (range, length) = longestReplacement(of: rest) {
        output.replace(UnsafeBufferPointer(rebasing: rest[..<length]), by: replacements[range])
        start += length
      } else {
        let length = UTF8Bytes.scalar(text, at: start).length
        output.keep(UnsafeBufferPointer(rebasing: rest[..<length]))
        start += length
      }
    }
    return output.finished()
  }

  private func append(characters text: UnsafeBufferPointer<UInt8>, to output: inout Output) {
    var start = 0
    while start < text.count {
      let length = UTF8Bytes.scalar(text, at: start).length
      let character = UnsafeBufferPointer(rebasing: text[start..<start + length])
      if text.count > 1, let range = replacement(of: character) {
        output.replace(character, by: replacements[range])
      } else {
        output.keep(character)
      }
      start += length
    }
  }

  /// The rewritten text, and how much of it counts as the beginning.
  ///
  /// `tokenizers` counts which character came of which: characters that a replacement has more than what it replaces count
  /// with the one before them, and what it has fewer goes with the last one. What is dropped before all others is
  /// forgotten, so that the beginning may last longer than it should.
  private struct Output {
    private var bytes: [UInt8] = []
    private var leading = 0
    private var isChanged = false
    private let text: UnsafeBufferPointer<UInt8>
    /// How many bytes of the text are leading.
    private let oldLeading: Int
    /// How much of the text counts as used up.
    private var used = 0
    private var isLeading = true
    /// The last character's length, which is inserted where `change` is above 0 and else stands for one of the text and
    /// `-change` more.
    private var last: (length: Int, change: Int)?

    init(_ text: UnsafeBufferPointer<UInt8>, _ leading: Int) {
      self.text = text
      oldLeading = leading
      bytes.reserveCapacity(text.count)
    }

    mutating func keep(_ character: UnsafeBufferPointer<UInt8>) {
      bytes.append(contentsOf: character)
      count(character.count, change: 0)
    }

    mutating func replace(_ old: UnsafeBufferPointer<UInt8>, by new: ArraySlice<UInt8>) {
      bytes.append(contentsOf: new)
      isChanged = true
      guard isLeading else { return }
      new.withUnsafeBufferPointer { new in
        let oldCount = old.count { !UTF8Bytes.isContinuation($0) }
        var rest = new.count { !UTF8Bytes.isContinuation($0) }
        let difference = rest - oldCount
        var index = 0
        while index < new.count {
          let length = UTF8Bytes.scalar(new, at: index).length
          count(length, change: rest > difference ? 0 : 1)
          index += length
          rest -= 1
        }
        last?.change += min(0, difference)
      }
    }

    /// Nil where nothing changed.
    mutating func finished() -> NormalizedText? {
      count(0, change: 0)
      return isChanged ? NormalizedText(bytes: bytes, leading: leading) : nil
    }

    /// Counts the last character, after which comes another.
    private mutating func count(_ length: Int, change: Int) {
      guard isLeading else { return }
      defer { last = (length, change) }
      guard let last else { return }
      isLeading = last.change > 0 ? used <= oldLeading : used < oldLeading
      guard isLeading else { return }
      leading += last.length
      guard last.change <= 0 else { return }
      for _ in 0...(-last.change) where used < text.count { used += UTF8Bytes.scalar(text, at: used).length }
    }
  }

  /// What the shortest beginning of `text` that is in the map becomes, as a range of the replacements.
  private func replacement(of text: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    var found: Range<Int>?
    forEachReplacement(of: text) { range, _ in
      found = range
      return false
    }
    return found
  }

  /// What the longest beginning of `text` that is in the map becomes, and how long it is.
  private func longestReplacement(of text: UnsafeBufferPointer<UInt8>) -> (range: Range<Int>, length: Int)? {
    var found: (Range<Int>, Int)?
    forEachReplacement(of: text) { range, length in
      found = (range, length)
      return true
    }
    return found
  }

  /// Calls `body` with what each beginning of `text` that is in the map becomes, the shortest first, as a range of the
  /// replacements, and with the beginning's length, as long as it returns true.
  @inline(__always)
  private func forEachReplacement(
    of text: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>, Int) -> Bool
  ) {
    var node = Self.offset(units[0])
    for (index, byte) in text.enumerated() {
      // A zero stands for the end of a string in the trie.
      guard byte != 0, case let child = node ^ Int(byte), child < units.count, case let unit = units[child],
        Self.label(unit) == UInt32(byte)
      else { return }
      node = child ^ Self.offset(unit)
      guard Self.hasLeaf(unit), node < units.count else { continue }
      let start = min(Self.value(units[node]), replacements.count)
      let end = replacements[start...].firstIndex(of: 0) ?? replacements.count
      guard body(start..<end, index + 1) else { return }
    }
  }

  // MARK: The trie

  private static func hasLeaf(_ unit: UInt32) -> Bool { unit >> 8 & 1 == 1 }
  private static func value(_ unit: UInt32) -> Int { Int(unit & 0x7FFF_FFFF) }
  private static func label(_ unit: UInt32) -> UInt32 { unit & 0x8000_00FF }
  private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 1 << 9) >> 6) }

  /// No unit leads out of the trie, and leaves name beginnings of characters in the replacements.
  private func checkTrie() throws(TokenizerFault) {
    for (index, unit) in units.enumerated() where unit >> 31 == 0 {
      let node = index ^ Self.offset(unit)
      // A block of 256 units belongs to a node, whose children differ from it in their lowest byte.
      guard node | 0xFF < units.count else {
        throw TokenizerFault(problem: "its trie goes on at unit \(node) of \(units.count)")
      }
      if Self.hasLeaf(unit) { try checkLeaf(node) }
    }
  }

  private func checkLeaf(_ node: Int) throws(TokenizerFault) {
    let start = Self.value(units[node])
    guard start <= replacements.count,
      start == replacements.count || !UTF8Bytes.isContinuation(replacements[start])
    else {
      throw TokenizerFault(
        problem: "a string becomes what is at byte \(start) of its \(replacements.count) replacements")
    }
  }
}
