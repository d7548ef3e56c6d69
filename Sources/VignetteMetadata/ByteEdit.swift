/// A run of bytes that others take the place of.
package struct ByteEdit: Sendable {
  package let range: Range<Int>
  package let replacement: [UInt8]

  package init(_ range: Range<Int>, _ replacement: [UInt8]) {
    self.range = range
    self.replacement = replacement
  }

  package init(insert bytes: [UInt8], at position: Int) { self.init(position..<position, bytes) }

  /// How many bytes there are more.
  var growth: Int { replacement.count - range.count }
}

extension [ByteEdit] {
  /// `bytes` with all edits made; of several at one position, the first given comes first.
  ///
  /// - Precondition: the ranges don't overlap.
  package func applied(to bytes: [UInt8]) -> [UInt8] {
    let edits = enumerated().sorted {
      ($0.element.range.lowerBound, $0.offset) < ($1.element.range.lowerBound, $1.offset)
    }.map(\.element)
    var result: [UInt8] = []
    result.reserveCapacity(Swift.max(0, bytes.count + edits.reduce(0) { $0 + $1.growth }))
    var position = 0
    for edit in edits {
      precondition(edit.range.lowerBound >= position, "edits overlap")
      result += bytes[position..<edit.range.lowerBound]
      result += edit.replacement
      position = edit.range.upperBound
    }
    return result + bytes[position...]
  }
}
