/// How often each n-gram of one length occurs in a text, sorted by the n-grams' numbers.
struct NGramBag: Sendable {
  struct Entry: Sendable {
    let id: Int32
    var count: Int32
  }

  private(set) var entries: [Entry] = []

  /// All occurrences together.
  private(set) var total = 0

  init() {}

  init(counting ids: [Int32]) {
    total = ids.count
    entries.reserveCapacity(ids.count)
    for id in ids.sorted() {
      if let last = entries.indices.last, entries[last].id == id {
        entries[last].count += 1
      } else {
        entries.append(Entry(id: id, count: 1))
      }
    }
  }

  /// Calls `body` with both counts of each n-gram that this bag and `other` share.
  func forEachShared(with other: NGramBag, _ body: (Entry, Entry) -> Void) {
    var mine = 0
    var theirs = 0
    while mine < entries.count, theirs < other.entries.count {
      let (left, right) = (entries[mine], other.entries[theirs])
      if left.id == right.id { body(left, right) }
      if left.id <= right.id { mine += 1 }
      if right.id <= left.id { theirs += 1 }
    }
  }

  /// The occurrences that two texts share: the smaller count of each n-gram, summed.
  func overlap(with other: NGramBag) -> Int {
    var shared = 0
    forEachShared(with: other) { shared += Int(min($0.count, $1.count)) }
    return shared
  }

  /// The larger count of each n-gram of two texts.
  func union(with other: NGramBag) -> NGramBag {
    var result = NGramBag()
    result.entries.reserveCapacity(entries.count + other.entries.count)
    var mine = 0
    var theirs = 0
    while mine < entries.count || theirs < other.entries.count {
      let left = mine < entries.count ? entries[mine].id : .max
      let right = theirs < other.entries.count ? other.entries[theirs].id : .max
      var count: Int32 = 0
      if left <= right {
        count = entries[mine].count
        mine += 1
      }
      if right <= left {
        count = max(count, other.entries[theirs].count)
        theirs += 1
      }
      result.entries.append(Entry(id: min(left, right), count: count))
      result.total += Int(count)
    }
    return result
  }
}

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
