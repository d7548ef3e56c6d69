import CVignetteKernels
import Foundation
import Synchronization

/// How many threads computation uses, and loops that run on them.
public enum Threads {
  /// The most threads there can be. Far beyond it, OpenMP's library runs out of stack and ends the program.
  public static let maximum = 1024

  private static let chosen = Mutex<Int?>(nil)
  private static let variable = "VIGNETTE_NUM_THREADS"

  /// The number of threads for oneDNN and for our own loops.
  ///
  /// At first: `VIGNETTE_NUM_THREADS`, else what affinity and the container's CPU limit leave; at most ``maximum``.
  public static var count: Int {
    get { chosen.withLock { $0 } ?? standard }
    set {
      precondition((1...maximum).contains(newValue), "a thread count must be from 1 to \(maximum)")
      chosen.withLock { $0 = newValue }
    }
  }

  /// What is wrong with `VIGNETTE_NUM_THREADS`, and what is done instead; nil where nothing is.
  public static var environmentProblem: String? {
    guard let text = environmentText else { return nil }
    guard let wanted = environmentCount else {
      return "\(variable) must be a number of threads, but is \(text); it is ignored"
    }
    guard wanted > maximum else { return nil }
    return "\(variable) is \(wanted), more threads than there can be; using \(maximum)"
  }

  private static let environmentText = ProcessInfo.processInfo.environment[variable].flatMap { text in
    text.isEmpty ? nil : text
  }

  private static let environmentCount = environmentText.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }

  private static let standard: Int = {
    if let environmentCount { return min(environmentCount, maximum) }
    let processors = ProcessInfo.processInfo.activeProcessorCount
    return max(1, min(processors, containerLimit ?? processors, maximum))
  }()

  /// The whole processors that this container may use (cgroup v2, then v1), if it is limited.
  private static var containerLimit: Int? {
    func numbers(_ path: String) -> [Double] {
      let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
      return text.split(whereSeparator: \.isWhitespace).compactMap { Double($0) }
    }
    let unified = numbers("/sys/fs/cgroup/cpu.max")
    if unified.count == 2 { return max(1, Int(unified[0] / unified[1])) }
    let quota = numbers("/sys/fs/cgroup/cpu/cpu.cfs_quota_us").first ?? -1
    let period = numbers("/sys/fs/cgroup/cpu/cpu.cfs_period_us").first ?? 0
    return quota > 0 && period > 0 ? max(1, Int(quota / period)) : nil
  }

  /// Makes the calling thread's parallel work use ``count`` threads.
  ///
  /// The setting belongs to a thread: whoever computes calls this first (`Captioner` and the trainer do).
  public static func apply() { kernels_set_threads(Int32(clamping: count)) }
}
