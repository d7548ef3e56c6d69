// Sequences of tokens: made from images, lengthened, rearranged, resampled.

/// Images [B, C, H, W] cut into patches, each a row: [B, H/h · W/w, C·h·w], so that a convolution whose
/// stride is its kernel becomes a linear layer.
///
/// Gradients do not flow to the pixels.
///
/// - Parameter padded: whether pixels at the right and bottom edge that fill no patch make one with zeros
///   beside them; else they are left out, as a convolution without padding does.
package func patches(_ images: Tensor, height: Int, width: Int, padded: Bool = false) -> Tensor {
  let (batch, channels) = (images.shape[0], images.shape[1])
  let (tall, wide) = (images.shape[2], images.shape[3])
  let rows = padded ? (tall + height - 1) / height : tall / height
  let columns = padded ? (wide + width - 1) / width : wide / width
  let size = channels * height * width
  let source = images.detached.contiguous().cast(to: .float32)
  let shape = [batch, rows * columns, size]
  let isWhole = rows * height <= tall && columns * width <= wide
  let result = isWhole ? Tensor(uninitialized: shape) : Tensor(zeros: shape)
  cutPatches(source, height: height, width: width, grid: (rows, columns), into: result)
  return Tape.of(images)?.watch(result) ?? result
}

/// Puts learned tokens, each [.., C] with C elements or several times as many, before the sequence x [B, T, C]:
/// [B, n + T, C] float32.
package func prepend(_ tokens: [Parameter], to x: Tensor) -> Tensor { insert(tokens, into: x, at: 0) }

/// Puts learned tokens, each [.., C] with C elements or several times as many, behind the first `position` tokens of
/// the sequence x [B, T, C]: [B, n + T, C] float32.
package func insert(_ tokens: [Parameter], into x: Tensor, at position: Int) -> Tensor {
  let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
  var ranges: [Range<Int>] = []
  for token in tokens {
    let start = ranges.last?.upperBound ?? position
    ranges.append(start..<start + token.count / width)
  }
  let end = ranges.last?.upperBound ?? position
  let total = length + end - position
  let result = Tensor(uninitialized: [batch, total, width])
  let input = x.detached.cast(to: .float32)
  for (token, range) in zip(tokens, ranges) {
    let rows = token.value.reshaped(to: [1, range.count, width])
    for b in 0..<batch { result.slice(b..<b + 1, axis: 0).slice(range, axis: 1).assign(rows) }
  }
  result.slice(0..<position, axis: 1).assign(input.slice(0..<position, axis: 1))
  result.slice(end..<total, axis: 1).assign(input.slice(position..<length, axis: 1))
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x], tokens) { [node = x.gradientNode, shape = x.shape] gradient in
    if let node {
      let rest = Tensor(uninitialized: shape)
      rest.slice(0..<position, axis: 1).assign(gradient.slice(0..<position, axis: 1))
      rest.slice(position..<length, axis: 1).assign(gradient.slice(end..<total, axis: 1))
      node.accumulate(rest)
    }
    for (token, range) in zip(tokens, ranges) where token.isTrainable {
      let sums = token.zeroedGradientBuffer()
      guard !range.isEmpty else { continue }
      addColumnSums(of: gradient.slice(range, axis: 1).reshaped(to: [batch, range.count * width]), to: sums)
    }
  }
}

/// Puts a sequence of x [I, S, C] before each of y [B, T, C]: [B, S + T, C], of one type.
///
/// - Parameter rowsPerEntry: how many adjacent sequences of y each of x stands before; one each if nil.
package func prepend(_ x: Tensor, to y: Tensor, rowsPerEntry counts: [Int]? = nil) -> Tensor {
  let (batch, length, width) = (y.shape[0], y.shape[1], y.shape[2])
  let first = x.shape[1]
  let owners = counts?.enumerated().flatMap { [Int](repeating: $0, count: $1) } ?? Array(0..<x.shape[0])
  precondition(
    owners.count == batch && x.shape[2] == width && x.dtype == y.dtype, "\(x.shape) before \(y.shape)")
  let result = Tensor(uninitialized: [batch, first + length, width], dtype: y.dtype)
  func part(_ whole: Tensor, _ row: Int) -> Tensor {
    whole.slice(row..<row + 1, axis: 0).slice(0..<first, axis: 1)
  }
  for (row, entry) in owners.enumerated() {
    part(result, row).assign(x.detached.slice(entry..<entry + 1, axis: 0))
  }
  result.slice(first..<first + length, axis: 1).assign(y.detached)
  guard let tape = Tape.of(x, y) else { return result }
  return tape.record(result, from: [x, y]) {
    [x = x.gradientNode, y = y.gradientNode, shape = x.shape] gradient in
    y?.accumulate(gradient.slice(first..<first + length, axis: 1).contiguous())
    guard let x else { return }
    let sums = Tensor(zeros: shape)
    for (row, entry) in owners.enumerated() {
      let sum = sums.slice(entry..<entry + 1, axis: 0)
      addElements(sum, part(gradient, row).contiguous().cast(to: .float32), into: sum)
    }
    x.accumulate(sums)
  }
}

/// Which token of a sequence stands at each position of another, as windows, shifts and merges rearrange them.
///
/// A token stands at one position at most, so its inverse, for gradients and for undoing windows, is such a
/// map again.
package struct TokenMap: Sendable {
  /// The length of the sequence that tokens are taken from.
  let length: Int
  /// The token at each position; −1 for zeros, which pad.
  let sources: [Int32]

  /// - Precondition: no token is taken twice, and each is below `length`.
  package init(_ sources: [Int32], of length: Int) {
    self.length = length
    self.sources = sources
    precondition(Set(sources.filter { $0 >= 0 }).count == sources.count { $0 >= 0 }, "a token is taken twice")
  }

  private init(inverting map: TokenMap) {
    length = map.sources.count
    var positions = [Int32](repeating: -1, count: map.length)
    for (position, source) in map.sources.enumerated() where source >= 0 {
      positions[Int(source)] = Int32(position)
    }
    sources = positions
  }

  /// Puts each token back where it came from; padding is left out, and what was not taken is zero.
  package var inverse: TokenMap { TokenMap(inverting: self) }
}

/// The tokens of each entry of x [B, T, C], rearranged: [B, N, C] for a map of N positions.
package func gatherTokens(_ x: Tensor, _ map: TokenMap) -> Tensor {
  let result = rearranged(x.detached, map)
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x]) { [node = x.gradientNode] gradient in
    node?.accumulate(rearranged(gradient, map.inverse))
  }
}

private func rearranged(_ x: Tensor, _ map: TokenMap) -> Tensor {
  precondition(x.shape[1] == map.length, "a map of \(map.length) tokens rearranges \(x.shape)")
  let result = Tensor(uninitialized: [x.shape[0], map.sources.count, x.shape[2]], dtype: x.dtype)
  rearrangeTokens(x.contiguous(), map.sources, into: result)
  return result
}

/// Rows that are each a weighted sum of a few rows of x: [N, C] → [R, C], as resampled positions are.
///
/// - Parameter rows: for each of the R rows, which rows of x it is made of.
package func mixRows(_ x: Tensor, _ rows: [[(row: Int, weight: Float)]]) -> Tensor {
  let terms = rows.enumerated().flatMap { target, terms in
    terms.map { (from: $0.row, to: target, weight: $0.weight) }
  }
  let result = Tensor(zeros: [rows.count, x.shape[1]])
  addScaledRows(x.detached.contiguous(), terms, into: result)
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x]) { [node = x.gradientNode, shape = x.shape] gradient in
    let sums = Tensor(zeros: shape)
    addScaledRows(
      gradient.contiguous(), terms.map { (from: $0.to, to: $0.from, weight: $0.weight) }, into: sums)
    node?.accumulate(sums)
  }
}
