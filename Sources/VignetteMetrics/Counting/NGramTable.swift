/// Gives each distinct n-gram of token numbers a number of its own.
///
/// An n-gram is numbered from the number of its first n − 1 tokens and its last token, so a key is
/// always two integers, whatever its length.
struct NGramTable: Sendable {
  private var ids: [UInt64: Int32] = [:]
  private var next: Int32 = 0

  /// How many distinct n-grams have been seen; their numbers are `0 ..< count`.
  var count: Int { Int(next) }

  /// Counts the n-grams of a text for each n from 1 to `longest`.
  mutating func bags(of tokens: [Int32], longest: Int) -> [NGramBag] {
    // −1 stands for the empty prefix, so unigrams are numbered by the same rule.
    var prefixes = [Int32](repeating: -1, count: tokens.count)
    return (1...longest).map { n in
      prefixes.removeLast(max(0, prefixes.count - max(0, tokens.count - n + 1)))
      for start in prefixes.indices {
        prefixes[start] = id(prefix: prefixes[start], last: tokens[start + n - 1])
      }
      return NGramBag(counting: prefixes)
    }
  }

  private mutating func id(prefix: Int32, last: Int32) -> Int32 {
    let key = UInt64(UInt32(bitPattern: prefix)) << 32 | UInt64(UInt32(bitPattern: last))
    if let known = ids[key] { return known }
    let id = next
    ids[key] = id
    next += 1
    return id
  }
}
