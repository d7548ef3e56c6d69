/// Which token of a sequence stands at each place of another, as windows, shifts and merges rearrange them.
///
/// A token stands at one place at most, so the way back, for gradients and for undoing windows, is such a
/// map again.
public struct TokenMap: Sendable {
  /// The length of the sequence that tokens are taken from.
  let length: Int
  /// The token at each place; −1 for zeros, which pad.
  let sources: [Int32]

  /// - Precondition: no token is taken twice, and each is below `length`.
  public init(_ sources: [Int32], of length: Int) {
    self.length = length
    self.sources = sources
    precondition(Set(sources.filter { $0 >= 0 }).count == sources.count { $0 >= 0 }, "a token is taken twice")
  }

  private init(inverting map: TokenMap) {
    length = map.sources.count
    var places = [Int32](repeating: -1, count: map.length)
    for (place, source) in map.sources.enumerated() where source >= 0 { places[Int(source)] = Int32(place) }
    sources = places
  }

  /// Puts each token back where it came from; padding is left out, and what was not taken is zero.
  public var inverse: TokenMap { TokenMap(inverting: self) }
}

/// The tokens of each entry of x [B, T, C], rearranged: [B, N, C] for a map of N places.
public func gatherTokens(_ x: Tensor, _ map: TokenMap) -> Tensor {
  let result = rearranged(x.detached, map)
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x]) { [node = x.gradientNode] gradient in
    node?.accumulate(rearranged(gradient, map.inverse))
  }
}

private func rearranged(_ x: Tensor, _ map: TokenMap) -> Tensor {
  let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
  precondition(length == map.length, "a map of \(map.length) tokens rearranges \(x.shape)")
  let places = map.sources.count
  let source = x.contiguous()
  let result = Tensor(uninitialized: [batch, places, width], dtype: x.dtype)
  let bytes = width * x.dtype.size
  map.sources.withUnsafeBufferPointer { sources in
    parallel(batch * places, grain: max(1, elementGrain / width)) { range in
      for row in range {
        let token = Int(sources[row % places])
        let target = result.pointer + row * bytes
        if token < 0 {
          target.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        } else {
          target.copyMemory(from: source.pointer + (row / places * length + token) * bytes, byteCount: bytes)
        }
      }
    }
  }
  return result
}
