/// Rows of a table [N, C], one for each index, times a factor.
package struct Lookup {
  let indices: [Int32]
  let table: Parameter
  let paddingIndex: Int?
  let scale: Float

  /// - Parameters:
  ///   - paddingIndex: a row that no gradient reaches through the lookup, as PyTorch's `padding_idx`.
  ///   - scale: the factor.
  /// - Precondition: every index is within the table.
  package init(_ indices: [Int32], in table: Parameter, paddingIndex: Int? = nil, scale: Float = 1) {
    let rows = table.shape[0]
    precondition(
      indices.allSatisfy { $0 >= 0 && $0 < rows }, "an index is beyond \(table.name) with its \(rows) rows")
    self.indices = indices
    self.table = table
    self.paddingIndex = paddingIndex
    self.scale = scale
  }
}

/// The sum of looked-up rows, such as words and their positions: R indices each → [R, C] float32.
///
/// - Parameter tape: what to record on, if anything: indices can't carry a tape as tensors do.
package func embedding(_ lookups: [Lookup], on tape: Tape? = nil) -> Tensor {
  precondition(
    Set(lookups.map(\.indices.count)).count == 1 && Set(lookups.map { $0.table.shape[1] }).count == 1,
    "looked-up rows must be equally many and equally wide")
  let (rows, columns) = (lookups[0].indices.count, lookups[0].table.shape[1])
  let result = Tensor(uninitialized: [rows, columns])
  sumRows(of: lookups.map { ($0.table.value, $0.indices, $0.scale) }, into: result)
  guard let tape else { return result }
  return tape.record(result, from: [], lookups.map(\.table)) { gradient in
    let rows = gradient.contiguous().cast(to: .float32)
    for lookup in lookups where lookup.table.isTrainable {
      scatterAdd(
        rows, at: lookup.indices, scale: lookup.scale, to: lookup.table.zeroedGradientBuffer(),
        except: lookup.paddingIndex)
    }
  }
}
