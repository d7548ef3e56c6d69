import CVignetteKernels

/// Rows of a table [N, C], one for each index.
public struct Lookup {
  let indices: [Int32]
  let table: Parameter
  let paddingIndex: Int?

  /// - Parameter paddingIndex: a row that no gradient reaches through the lookup, as PyTorch's `padding_idx`.
  /// - Precondition: every index is within the table.
  public init(_ indices: [Int32], in table: Parameter, paddingIndex: Int? = nil) {
    let rows = table.shape[0]
    precondition(
      indices.allSatisfy { $0 >= 0 && $0 < rows }, "an index is beyond \(table.name) with its \(rows) rows")
    self.indices = indices
    self.table = table
    self.paddingIndex = paddingIndex
  }
}

/// The sum of looked-up rows, such as words and their positions: R indices each → [R, C] float32.
///
/// - Parameter tape: what to record on, if anything: indices can't carry a tape as tensors do.
public func embedding(_ lookups: [Lookup], on tape: Tape? = nil) -> Tensor {
  precondition(
    Set(lookups.map(\.indices.count)).count == 1 && Set(lookups.map { $0.table.shape[1] }).count == 1,
    "looked-up rows must be equally many and equally wide")
  let (rows, columns) = (lookups[0].indices.count, lookups[0].table.shape[1])
  let result = Tensor(uninitialized: [rows, columns])
  for row in 0..<rows {
    let target = result.float32 + row * columns
    for (i, lookup) in lookups.enumerated() {
      let source = lookup.table.value.float32 + Int(lookup.indices[row]) * columns
      if i == 0 {
        target.update(from: source, count: columns)
      } else {
        kernels_add_f32(Int64(columns), target, source, target)
      }
    }
  }
  guard let tape else { return result }
  return tape.record(result, from: [], lookups.map(\.table)) { gradient in
    for lookup in lookups where lookup.table.isTrainable {
      scatterAdd(
        gradient, at: lookup.indices, to: lookup.table.zeroedGradientBuffer(), except: lookup.paddingIndex)
    }
  }
}

/// table[indices[r]] += rows[r], but for one index that is left out.
private func scatterAdd(_ rows: Tensor, at indices: [Int32], to table: Tensor, except excluded: Int?) {
  let rows = rows.contiguous().cast(to: .float32)
  let columns = table.shape[1]
  // Threads take columns: the same row may be hit many times, and its sum must not depend on timing.
  parallel(columns, grain: 64) { range in
    for (row, index) in indices.enumerated() where Int(index) != excluded {
      let target = table.float32 + Int(index) * columns + range.lowerBound
      kernels_add_f32(Int64(range.count), target, rows.float32 + row * columns + range.lowerBound, target)
    }
  }
}
