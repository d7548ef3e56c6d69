import CVignetteThreads
import Foundation
import Synchronization

/// How many threads computation uses.
///
/// All callers share one team of threads: what several compute at once is done in turns. The threads take no signals,
/// and sleep when there is nothing to do.
public enum Threads {
  /// The most threads there can be.
  public static let maximum = Int(THREADS_MAXIMUM)

  private static let chosen = Mutex<Int?>(nil)
  private static let variable = "VIGNETTE_NUM_THREADS"

  /// The number of threads for oneDNN and for our own loops.
  ///
  /// At first: `VIGNETTE_NUM_THREADS`, else what affinity and the container's CPU limit leave; at most ``maximum``.
  public static var count: Int {
    get { chosen.withLock { $0 } ?? standard }
    set {
      precondition((1...maximum).contains(newValue), "a thread count must be from 1 to \(maximum)")
      chosen.withLock {
        $0 = newValue
        threads_set_count(Int32(newValue))
      }
    }
  }

  /// Makes ``count`` hold before anything is computed.
  static func prepare() { _ = isPrepared }

  private static let isPrepared: Bool = chosen.withLock {
    threads_set_count(Int32($0 ?? standard))
    return true
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
}
