import CVignetteThreads

/// How many elements make a thread's start worth while.
let elementGrain = 1 << 15

/// Calls `body` with disjoint ranges covering 0..<count, none much shorter than `grain`, in parallel.
func parallel(_ count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
  Threads.prepare()
  typealias Body = (Range<Int>) -> Void
  withoutActuallyEscaping(body) { body in
    withUnsafePointer(to: body) { pointer in
      threads_parallel(
        Int64(count), Int64(grain),
        { context, begin, end in
          context?.assumingMemoryBound(to: Body.self).pointee(Int(begin)..<Int(end))
        }, UnsafeMutableRawPointer(mutating: pointer))
    }
  }
}

/// How many ranges ``parallel(_:grain:_:)`` cuts `count` into.
func parallelRanges(_ count: Int, grain: Int) -> Int {
  Threads.prepare()
  return Int(threads_ranges(Int64(count), Int64(grain)))
}
