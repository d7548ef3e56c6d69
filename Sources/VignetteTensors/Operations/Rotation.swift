/// Rotary positions (Su et al., 2021): angles by which the heads of a sequence's last tokens are turned.
package struct Rotation {
  /// [P, D/2]: of P tokens, an angle for each pair (i, i + D/2) of a head's D elements.
  let cosines: Tensor
  let sines: Tensor

  /// - Precondition: both have one shape, two-dimensional and contiguous.
  package init(cosines: Tensor, sines: Tensor) {
    precondition(cosines.shape == sines.shape && cosines.rank == 2, "\(cosines.shape) and \(sines.shape)")
    self.cosines = cosines.detached
    self.sines = sines.detached
  }

  /// P: the tokens that are turned; those before them stand nowhere.
  var tokens: Int { cosines.shape[0] }
}

/// x [B, T, C] with each of its heads turned, in the last tokens of each sequence.
package func rotate(_ x: Tensor, _ rotation: Rotation, heads: Int) -> Tensor {
  precondition(
    rotation.tokens <= x.shape[1] && rotation.cosines.shape[1] * 2 * heads == x.shape[2],
    "\(x.shape) turned by \(rotation.cosines.shape) in \(heads) heads")
  let result = rotated(x.detached, rotation, heads, back: false)
  guard let tape = Tape.of(x) else { return result }
  return tape.record(result, from: [x]) { [node = x.gradientNode] gradient in
    node?.accumulate(rotated(gradient, rotation, heads, back: true))
  }
}

private func rotated(_ x: Tensor, _ rotation: Rotation, _ heads: Int, back: Bool) -> Tensor {
  let result = Tensor(uninitialized: x.shape, dtype: x.dtype)
  rotateHeads(x.contiguous(), rotation, heads: heads, back: back, into: result)
  return result
}
