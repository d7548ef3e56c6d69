/// Arithmetic on shapes that came from a file: every step may overflow and says so with nil.
enum TensorLayout {
  /// The number of elements of `shape`, or nil if a dimension is negative or the product overflows.
  ///
  /// A zero makes the product zero only if the other dimensions don't overflow among themselves.
  static func elementCount(_ shape: [Int]) -> Int? {
    var count = 1
    var hasZero = false
    for dimension in shape {
      guard dimension >= 0 else { return nil }
      if dimension == 0 {
        hasZero = true
        continue
      }
      let (product, overflows) = count.multipliedReportingOverflow(by: dimension)
      guard !overflows else { return nil }
      count = product
    }
    return hasZero ? 0 : count
  }

  /// How many elements lie from the first to the last one that `shape` and `strides` reach, both included.
  static func extent(_ shape: [Int], strides: [Int]) -> Int? {
    guard shape.count == strides.count, strides.allSatisfy({ $0 >= 0 }) else { return nil }
    if shape.contains(0) { return 0 }
    var last = 0
    for (dimension, stride) in zip(shape, strides) {
      guard dimension > 0 else { return nil }
      let (step, stepOverflows) = (dimension - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflows) = last.addingReportingOverflow(step)
      guard !stepOverflows, !sumOverflows else { return nil }
      last = sum
    }
    let (extent, overflows) = last.addingReportingOverflow(1)
    return overflows ? nil : extent
  }

  /// The strides of a tensor whose elements lie in the order of its indices, the last index fastest.
  static func contiguousStrides(_ shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] &* max(shape[axis + 1], 1)
    }
    return strides
  }

  static func isContiguous(_ shape: [Int], strides: [Int]) -> Bool {
    if shape.contains(0) { return true }
    return zip(zip(shape, strides), contiguousStrides(shape)).allSatisfy { pair, contiguous in
      pair.0 == 1 || pair.1 == contiguous
    }
  }

  /// The same elements with as few axes as possible: axes of one element are dropped, and an axis that goes on
  /// where the next one ends is joined with it.
  static func coalesced(_ shape: [Int], strides: [Int]) -> [(count: Int, stride: Int)] {
    var axes: [(count: Int, stride: Int)] = []
    for (count, stride) in zip(shape, strides) where count != 1 {
      if let outer = axes.last, outer.stride == count &* stride {
        axes[axes.count - 1] = (outer.count * count, stride)
      } else {
        axes.append((count, stride))
      }
    }
    return axes
  }
}

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

  /// Calls `body` for each run with its first element's offset in memory, its number of elements, their stride, and
  /// the first element's index in the order of the indices.
  @inline(__always)
  func forEach(_ body: (_ start: Int, _ count: Int, _ stride: Int, _ first: Int) -> Void) {
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
