import CVignetteThreads
import Foundation
import Synchronization
import VignetteTensors
import Testing

/// The team of threads that oneDNN's regions and our own loops run on.
///
/// What concerns a whole process (signals, forks, the number of threads) is tested in a process of its own.
@Suite struct ThreadTests {
  /// x Wᵀ in float32, with enough rows for oneDNN's `sgemm`.
  private static func product(seed: UInt64 = 1) -> [Float] {
    let weight = Parameter(name: "w", value: randomTensor([190, 170], seed: seed))
    return linear(randomTensor([200, 190], seed: 2), weight, layout: .inputByOutput).floats
  }

  #if os(Linux)
    /// Programs that import the library have the team too, since this one has.
    @Test func oneDNNFindsTheTeam() {
      #expect(threads_serve_openmp())
    }

    @Test(arguments: [2, 3, 7]) func aRegionHasTheThreadsThatItAskedFor(count: Int) throws {
      let openMP = try OpenMP()
      let seen = Seen(openMP: openMP)
      threads_enter()
      openMP.parallel(
        { context in
          let seen = Unmanaged<Seen>.fromOpaque(context).takeUnretainedValue()
          seen.region()
        }, Unmanaged.passUnretained(seen).toOpaque(), UInt32(count), 0)
      #expect(openMP.inParallel() == 0 && openMP.threadNumber() == 0)
      threads_leave()
      #expect(seen.numbers.withLock { $0.sorted() } == Array(0..<Int32(count)))
      #expect(seen.sizes.withLock { $0 } == [Int32](repeating: Int32(count), count: count))
      #expect(seen.early.withLock { $0 } == 0, "threads went through a barrier before all were there")
      #expect(seen.nested.withLock { $0 } == [Int32](repeating: 1, count: count))
    }

    /// Another library's OpenMP regions are none of the team's.
    @Test func outsideOfOneDNNItIsGNUs() throws {
      let openMP = try OpenMP()
      let seen = Names()
      openMP.parallel(
        { context in Unmanaged<Names>.fromOpaque(context).takeUnretainedValue().add() },
        Unmanaged.passUnretained(seen).toOpaque(), 2, 0)
      #expect(!seen.names.withLock { $0.contains("vignette") })
    }

    @Test func signalsWaitForTheEndOfAProduct() async {
      await #expect(processExitsWith: .success) {
        Threads.count = 1
        let expected = Self.product()
        // Those that run tests block signals, and so does what they start.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        signal(SIGALRM) { _ in alarms.add(1, ordering: .relaxed) }
        var interval = itimerval()
        interval.it_interval.tv_usec = 300
        interval.it_value.tv_usec = 300
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &interval, nil)
        for count in [1, 2] {
          Threads.count = count
          for _ in 0..<400 { precondition(Self.product() == expected, "a signal changed a product") }
        }
        precondition(alarms.load(ordering: .relaxed) > 50, "no signals came")
      }
    }

    @Test func theTeamIsThereAfterAFork() async {
      await #expect(processExitsWith: .success) {
        Threads.count = 3
        let expected = Self.product()
        typealias Fork = @convention(c) () -> pid_t
        let fork = unsafeBitCast(dlsym(UnsafeMutableRawPointer(bitPattern: 0), "fork"), to: Fork.self)
        let child = fork()
        if child == 0 { _exit(Self.product() == expected ? 0 : 1) }
        var status: Int32 = -1
        waitpid(child, &status, 0)
        precondition(status == 0 && Self.product() == expected, "the child's status is \(status)")
      }
    }

    /// Where the system refuses threads, there are as many as it gives, and the result is right.
    @Test func refusedThreadsAreDoneWithout() async {
      await #expect(processExitsWith: .success) {
        Threads.count = 1
        let expected = Self.product()
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        limit.rlim_cur = rlim_t(2) << 30
        setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
        Threads.count = Threads.maximum
        precondition(threads_count() < 1024, "the limit allows all threads")
        precondition(Self.product() == expected)
      }
    }
  #endif

  /// Regions of several calling threads take turns, each with the whole team.
  @Test func manyCallersGetTheSameResults() async {
    let expected = (0..<6).map { Self.product(seed: UInt64($0)) }
    await withTaskGroup(of: Bool.self) { group in
      for i in 0..<6 {
        group.addTask { (0..<20).allSatisfy { _ in Self.product(seed: UInt64(i)) == expected[i] } }
      }
      for await isEqual in group { #expect(isEqual) }
    }
  }

  @Test func rangesCoverEverythingOnce() {
    for (count, grain) in [(1, 1), (5, 1), (1000, 1), (1000, 300), (7, 0)] as [(Int64, Int64)] {
      let seen = Ranges()
      threads_parallel(
        count, grain,
        { context, begin, end in
          context.map { Unmanaged<Ranges>.fromOpaque($0).takeUnretainedValue().add(begin..<end) }
        }, Unmanaged.passUnretained(seen).toOpaque())
      let ranges = seen.all.withLock { $0.sorted { $0.lowerBound < $1.lowerBound } }
      #expect(ranges.first?.lowerBound == 0 && ranges.last?.upperBound == count)
      #expect(zip(ranges, ranges.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
      #expect(Int64(ranges.count) == threads_ranges(count, grain))
    }
  }
}

private let alarms = Atomic(0)

private final class Ranges: Sendable {
  let all = Mutex<[Range<Int64>]>([])

  func add(_ range: Range<Int64>) { all.withLock { $0.append(range) } }
}

#if os(Linux)
  /// The functions as a library that the program loads finds them.
  private struct OpenMP: Sendable {
    typealias Number = @convention(c) () -> Int32
    let parallel:
      @convention(c) (
        @convention(c) (UnsafeMutableRawPointer) -> Void, UnsafeMutableRawPointer, UInt32, UInt32
      ) -> Void
    let barrier: @convention(c) () -> Void
    let threadNumber: Number
    let threadCount: Number
    let inParallel: Number

    init() throws {
      func find<Function>(_ name: String, _: Function.Type) throws -> Function {
        unsafeBitCast(try #require(dlsym(UnsafeMutableRawPointer(bitPattern: 0), name)), to: Function.self)
      }
      parallel = try find(
        "GOMP_parallel",
        (@convention(c) (
          @convention(c) (UnsafeMutableRawPointer) -> Void, UnsafeMutableRawPointer, UInt32, UInt32
        ) -> Void).self)
      barrier = try find("GOMP_barrier", (@convention(c) () -> Void).self)
      threadNumber = try find("omp_get_thread_num", Number.self)
      threadCount = try find("omp_get_num_threads", Number.self)
      inParallel = try find("omp_in_parallel", Number.self)
    }
  }

  /// What the threads of a region see.
  private final class Seen: Sendable {
    let openMP: OpenMP
    let numbers = Mutex<[Int32]>([])
    let sizes = Mutex<[Int32]>([])
    let nested = Mutex<[Int32]>([])
    let early = Mutex(0)
    private let arrived = Atomic(0)

    init(openMP: OpenMP) { self.openMP = openMP }

    func region() {
      let (number, size) = (openMP.threadNumber(), openMP.threadCount())
      numbers.withLock { $0.append(number) }
      sizes.withLock { $0.append(size) }
      for round in 1...50 {
        arrived.add(1, ordering: .sequentiallyConsistent)
        openMP.barrier()
        if arrived.load(ordering: .sequentiallyConsistent) < round * Int(size) { early.withLock { $0 += 1 } }
        openMP.barrier()
      }
      openMP.parallel(
        { context in
          let seen = Unmanaged<Seen>.fromOpaque(context).takeUnretainedValue()
          seen.nested.withLock { $0.append(seen.openMP.threadCount()) }
        }, Unmanaged.passUnretained(self).toOpaque(), 4, 0)
      if openMP.threadNumber() != number { early.withLock { $0 += 1 } }
    }
  }

  /// The names of the threads that ran a region.
  private final class Names: Sendable {
    let names = Mutex<Set<String>>([])

    func add() {
      let text = (try? String(contentsOfFile: "/proc/thread-self/comm", encoding: .utf8)) ?? ""
      names.withLock { _ = $0.insert(text.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
  }
#endif
