/// The elements of a strided tensor in the order of its indices, as runs along one axis.
///
/// A contiguous tensor is a single run, whatever its shape.
struct StridedRuns {
  private let outer: [(count: Int, stride: Int)]
  private let inner: (count: Int, stride: Int)
  private let runCount: Int

  /// The runs of a tensor with at least one element.
  init(shape: [Int], strides: [Int]) {
    var axes = TensorLayout.coalesced(shape, strides: strides)
    inner = axes.popLast() ?? (count: 1, stride: 1)
    outer = axes
    runCount = axes.reduce(1) { $0 * $1.count }
  }

  /// Calls `body` for each run with its first element's place, its number of elements, their stride, and how many
  /// elements came before.
  @inline(__always)
  func forEach(_ body: (_ start: Int, _ count: Int, _ stride: Int, _ written: Int) -> Void) {
    var index = [Int](repeating: 0, count: outer.count)
    var start = 0
    for run in 0..<runCount {
      body(start, inner.count, inner.stride, run * inner.count)
      var axis = outer.count - 1
      while axis >= 0 {
        index[axis] += 1
        start += outer[axis].stride
        if index[axis] < outer[axis].count { break }
        start -= outer[axis].stride * outer[axis].count
        index[axis] = 0
        axis -= 1
      }
    }
  }
}
