import CVignetteKernels

/// output = x [B, T, H·D], each head of the last tokens turned by the angles of its token, or back; both contiguous.
func rotateHeads(_ x: Tensor, _ rotation: Rotation, heads: Int, back: Bool, into output: Tensor) {
  guard haveMemory(x, rotation.cosines, rotation.sines, output) else { return }
  let (length, width) = (x.shape[1], x.shape[2])
  var turn = kernels_rotation(
    tokens: Int64(length), rotated: Int64(rotation.tokens), heads: Int64(heads),
    head_size: Int64(width / heads), cosines: rotation.cosines.float32, sines: rotation.sines.float32,
    back: back)
  withUnsafeMutablePointer(to: &turn) { turn in
    nonisolated(unsafe) let turn = UnsafePointer(turn)
    parallel(x.shape[0] * length, grain: max(1, elementGrain / max(1, width))) { range in
      kernels_rotate(
        x.dtype.kernels, turn, Int64(range.lowerBound), Int64(range.upperBound), x.pointer, output.pointer)
    }
  }
}

/// output = s_h · x / ‖x‖ for each head of x [..., H·D]; s is 1 if nil; all contiguous.
func normalizeHeads(_ x: Tensor, heads: Int, scales: Tensor?, into output: Tensor) {
  guard haveMemory(x, scales, output) else { return }
  let width = x.shape.last ?? 1
  parallel(x.count / max(1, width), grain: max(1, elementGrain / max(1, width))) { range in
    kernels_unit_heads(
      x.dtype.kernels, Int64(heads), Int64(width / heads), Int64(range.lowerBound), Int64(range.upperBound),
      scales?.float32, x.pointer, output.pointer)
  }
}

/// dx into `output`, and parts [P, H] whose sum is ds where there are scales.
///
/// Each range of rows sums its own ds; added in order, the result doesn't depend on timing.
func normalizeHeadsGradient(
  _ x: Tensor, heads: Int, scales: Tensor?, upstream: Tensor, into output: Tensor
) -> Tensor? {
  let width = x.shape.last ?? 1
  let rows = x.count / max(1, width)
  let ranges = parallelRanges(rows, grain: max(1, elementGrain / max(1, width)))
  let parts = scales.map { _ in Tensor(zeros: [ranges, heads]) }
  guard haveMemory(x, scales, upstream, output, parts) else { return parts }
  parallel(ranges, grain: 1) { range in
    for part in range {
      let (begin, end) = (Int64(rows * part / ranges), Int64(rows * (part + 1) / ranges))
      let sums = parts.map { $0.float32 + part * heads }
      kernels_unit_heads_backward(
        x.dtype.kernels, Int64(heads), Int64(width / heads), begin, end, scales?.float32, x.pointer,
        upstream.pointer, output.pointer, sums)
    }
  }
  return parts
}
