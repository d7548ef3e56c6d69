/// Which row of a position table each token of a caption takes.
package enum TokenPositions {
  /// 0, 1, 2, …
  case counted
  /// Counted from the row behind that of the padding token, which itself is not counted and takes its own
  /// row: RoBERTa's, after fairseq.
  case countedFromPadding(Int)

  /// Positions of whole rows of `length` tokens each.
  package func ofRows(_ tokens: [Int32], length: Int) -> [Int32] {
    switch self {
    case .counted: return tokens.indices.map { Int32($0 % length) }
    case .countedFromPadding(let padding):
      let padding = Int32(padding)
      var last = padding
      return tokens.enumerated().map { index, token in
        if index % length == 0 { last = padding }
        guard token != padding else { return padding }
        last += 1
        return last
      }
    }
  }

  /// The position of a token that follows `past` tokens of its row.
  ///
  /// Here padding among the earlier tokens counts, as it does in Transformers when it generates.
  package func ofNext(_ token: Int32, after past: Int) -> Int32 {
    switch self {
    case .counted: Int32(past)
    case .countedFromPadding(let padding): Int(token) == padding ? token : Int32(past + 1 + padding)
    }
  }
}
