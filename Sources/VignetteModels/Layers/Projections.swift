import VignetteTensors

/// Linear layers of one input, such as queries, keys and values.
enum Projections {
  /// One matrix whose output is cut into so many equal parts.
  case fused(Linear, parts: Int)
  case separate([Linear])

  /// [..., I] → the parts, each [..., C].
  func callAsFunction(_ x: Tensor) -> [Tensor] {
    switch self {
    case .fused(let linear, let parts): return linear(x).split(parts)
    case .separate(let linears):
      // Cast once, not once for each.
      let input = linears.first.map { x.cast(to: $0.weight.precision.dtype) } ?? x
      return linears.map { $0(input) }
    }
  }
}
