/// The elements of a strided tensor in the order of its indices, as runs along its last axis.
///
/// A contiguous tensor is a single run, whatever its shape. Where the last axis strides through memory, it is cut
/// into blocks, and all runs of a block come before the next: neighbours in memory are then read while they are
/// still in the cache.
struct StridedRuns {
  private let outer: [(count: Int, stride: Int)]
  private let inner: (count: Int, stride: Int)
  private let outerCount: Int
  private let blockSize: Int

  /// The runs of a tensor with at least one element.
  init(shape: [Int], strides: [Int]) {
    var axes = TensorLayout.coalesced(shape, strides: strides)
    inner = axes.popLast() ?? (count: 1, stride: 1)
    outer = axes
    outerCount = axes.reduce(1) { $0 * $1.count }
    blockSize = inner.stride == 1 ? inner.count : 64
  }

  /// Calls `body` for each run with its first element's place in memory, its number of elements, their stride, and
  /// the first element's place in the order of the indices.
  @inline(__always)
  func forEach(_ body: (_ start: Int, _ count: Int, _ stride: Int, _ place: Int) -> Void) {
    for block in stride(from: 0, to: inner.count, by: blockSize) {
      let count = min(blockSize, inner.count - block)
      var index = [Int](repeating: 0, count: outer.count)
      var start = block * inner.stride
      for run in 0..<outerCount {
        body(start, count, inner.stride, run * inner.count + block)
        start += step(&index)
      }
    }
  }

  /// Moves on to the next index of the outer axes and returns how far its element lies.
  private func step(_ index: inout [Int]) -> Int {
    var distance = 0
    for axis in outer.indices.reversed() {
      index[axis] += 1
      distance += outer[axis].stride
      if index[axis] < outer[axis].count { break }
      index[axis] = 0
      distance -= outer[axis].stride * outer[axis].count
    }
    return distance
  }
}
