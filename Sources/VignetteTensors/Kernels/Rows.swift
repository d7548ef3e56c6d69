import CVignetteKernels

// Copies, sums and look-ups of whole rows.

/// output [R, C] = Σ over the tables [N, C] of the row that each names for it, times its factor.
func sumRows(of tables: [(table: Tensor, indices: [Int32], scale: Float)], into output: Tensor) {
  guard haveMemory(output), tables.allSatisfy({ haveMemory($0.table) }) else { return }
  let columns = output.shape[1]
  for row in 0..<output.shape[0] {
    let target = output.float32 + row * columns
    for (i, (table, indices, scale)) in tables.enumerated() {
      let source = table.float32 + Int(indices[row]) * columns
      if i == 0 {
        kernels_scale(Int64(columns), scale, source, target)
      } else {
        kernels_add_scaled(Int64(columns), scale, source, target)
      }
    }
  }
}

/// table[indices[r]] += scale · rows[r], but for one index that is left out; contiguous float32.
func scatterAdd(
  _ rows: Tensor, at indices: [Int32], scale: Float, to table: Tensor, except excluded: Int?
) {
  guard haveMemory(rows, table) else { return }
  let columns = table.shape[1]
  // Threads take columns: the same row may be hit many times, and its sum must not depend on timing.
  parallel(columns, grain: 64) { range in
    let start = range.lowerBound
    for (row, index) in indices.enumerated() where Int(index) != excluded {
      let target = table.float32 + Int(index) * columns + start
      kernels_add_scaled(Int64(range.count), scale, rows.float32 + row * columns + start, target)
    }
  }
}

/// output[to[i]] += weights[i] · x[from[i]], rows of contiguous float32.
func addScaledRows(_ x: Tensor, _ terms: [(from: Int, to: Int, weight: Float)], into output: Tensor) {
  guard haveMemory(x, output) else { return }
  let columns = x.shape[1]
  for term in terms {
    kernels_add_scaled(
      Int64(columns), term.weight, x.float32 + term.from * columns, output.float32 + term.to * columns)
  }
}

/// output [B, N, C] = x [B, T, C] with the token sources[n] at each position n, zeros where that is negative; both
/// contiguous.
func rearrangeTokens(_ x: Tensor, _ sources: [Int32], into output: Tensor) {
  guard haveMemory(x, output) else { return }
  let (batch, length, width) = (x.shape[0], x.shape[1], x.shape[2])
  let count = sources.count
  let bytes = width * x.dtype.size
  sources.withUnsafeBufferPointer { sources in
    parallel(batch * count, grain: max(1, elementGrain / max(1, width))) { range in
      for row in range {
        let token = Int(sources[row % count])
        let target = output.pointer + row * bytes
        if token < 0 {
          target.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        } else {
          target.copyMemory(from: x.pointer + (row / count * length + token) * bytes, byteCount: bytes)
        }
      }
    }
  }
}

/// output [G, H, P] = columns[h, index[p]] + mask[g, p]: columns [H, N] float32, mask [G, P] or none.
func gatherColumns(_ columns: Tensor, _ index: [Int32], mask: Tensor?, into output: Tensor) {
  guard haveMemory(columns, mask, output) else { return }
  let (heads, rows, pairs) = (columns.shape[0], columns.shape[1], index.count)
  let groups = output.count / max(1, heads * pairs)
  parallel(groups * heads, grain: max(1, elementGrain / max(1, pairs))) { range in
    for item in range {
      let (group, head) = (item / heads, item % heads)
      kernels_gather(
        Int64(pairs), columns.float32 + head * rows, index, mask.map { $0.float32 + group * pairs },
        output.float32 + item * pairs)
    }
  }
}

/// columns[h, index[p]] += Σ_g values[g, h, p], contiguous float32.
func scatterAddColumns(_ values: Tensor, _ index: [Int32], to columns: Tensor) {
  guard haveMemory(values, columns) else { return }
  let (heads, rows, pairs) = (columns.shape[0], columns.shape[1], index.count)
  let groups = values.count / max(1, heads * pairs)
  // A head's sums are one thread's, so that they don't depend on timing.
  parallel(heads, grain: 1) { range in
    for head in range {
      for group in 0..<groups {
        kernels_scatter_add(
          Int64(pairs), values.float32 + (group * heads + head) * pairs, index, columns.float32 + head * rows)
      }
    }
  }
}

/// output [B, rows · columns, C·h·w] = the patches of h × w pixels of images [B, C, H, W], contiguous float32.
/// Elements beyond an image's edge stay as they are.
func cutPatches(
  _ images: Tensor, height: Int, width: Int, grid: (rows: Int, columns: Int), into output: Tensor
) {
  guard haveMemory(images, output) else { return }
  let (batch, channels, tall, wide) = (images.shape[0], images.shape[1], images.shape[2], images.shape[3])
  let (rows, columns) = grid
  let size = channels * height * width
  parallel(batch * rows, grain: max(1, elementGrain / max(1, columns * size))) { range in
    for item in range {
      let (b, row) = (item / rows, item % rows)
      for channel in 0..<channels {
        for y in 0..<min(height, tall - row * height) {
          let from = images.float32 + ((b * channels + channel) * tall + row * height + y) * wide
          let to = output.float32 + item * columns * size + (channel * height + y) * width
          for column in 0..<columns {
            (to + column * size).update(from: from + column * width, count: min(width, wide - column * width))
          }
        }
      }
    }
  }
}
