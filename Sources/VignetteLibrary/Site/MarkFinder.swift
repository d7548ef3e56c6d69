import Foundation

/// Finds marks in a text. However often one is asked for, further and further on, no byte is looked at twice for it.
struct MarkFinder {
  private let bytes: [UInt8]
  /// For each mark, from where on it was looked for last, and where it stands first from there.
  private var found: [String: (from: Int, at: Int?)] = [:]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Where a mark of one byte or more stands first from `start` on; nil where there is none.
  mutating func position(of mark: String, from start: Int) -> Int? {
    if let known = found[mark], known.from <= start, known.at.map({ $0 >= start }) ?? true { return known.at }
    let position = search(Array(mark.utf8), from: start)
    found[mark] = (start, position)
    return position
  }

  private func search(_ mark: [UInt8], from start: Int) -> Int? {
    bytes.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress, let first = mark.first else { return nil }
      var index = start
      while index <= bytes.count - mark.count {
        guard let next = memchr(base + index, Int32(first), bytes.count - index) else { return nil }
        index = UnsafeRawPointer(next) - UnsafeRawPointer(base)
        if bytes[index...].starts(with: mark) { return index }
        index += 1
      }
      return nil
    }
  }
}
