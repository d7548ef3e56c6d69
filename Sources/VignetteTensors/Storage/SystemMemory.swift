package import Foundation

/// How much memory there is, and how much of it is free, as the system's files tell.
package struct SystemMemory {
  private let root: URL

  /// - Parameter root: the folder that holds `proc` and `sys`.
  package init(root: URL = URL(fileURLWithPath: "/")) { self.root = root }

  /// What nobody uses at this moment, nor a container's or a process's limit keeps back; on systems that don't tell,
  /// the machine's memory.
  package var available: Double {
    [machineAvailable, containerAvailable, addressSpaceAvailable].compactMap { $0 }
      .reduce(Double(ProcessInfo.processInfo.physicalMemory), min)
  }

  /// What Linux could give without taking it from another program; what it could swap counts.
  private var machineAvailable: Double? {
    let text = contents("proc/meminfo") ?? ""
    guard let free = Self.number("MemAvailable:", in: text) else { return nil }
    return (free + (Self.number("SwapFree:", in: text) ?? 0)) * 1024
  }

  /// What the container's cgroup allows (v2, then v1), without what it uses and couldn't give back.
  private var containerAvailable: Double? {
    let versions: [(limit: String, used: String, stat: String, cache: String)] = [
      ("memory.max", "memory.current", "memory.stat", "inactive_file"),
      (
        "memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat",
        "total_inactive_file"
      ),
    ]
    for files in versions {
      guard let limit = amount("sys/fs/cgroup/\(files.limit)"), limit > 0 else { continue }
      let used = amount("sys/fs/cgroup/\(files.used)") ?? 0
      let cache = Self.number(files.cache, in: contents("sys/fs/cgroup/\(files.stat)") ?? "") ?? 0
      return max(0, limit - max(0, used - cache))
    }
    return nil
  }

  /// What `ulimit -v` allows, without what is mapped.
  private var addressSpaceAvailable: Double? {
    var limit = rlimit()
    #if os(Linux)
      let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0
    #else
      let isKnown = getrlimit(RLIMIT_AS, &limit) == 0
    #endif
    guard isKnown else { return nil }
    let pages = contents("proc/self/statm")?.split(separator: " ").first.flatMap { Double($0) } ?? 0
    return max(0, Double(limit.rlim_cur) - pages * Double(sysconf(Int32(_SC_PAGESIZE))))
  }

  private func contents(_ path: String) -> String? {
    try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// The number that a file consists of.
  private func amount(_ path: String) -> Double? {
    contents(path).flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// The number in the line that a word begins.
  private static func number(_ word: String, in text: String) -> Double? {
    let line = text.split(separator: "\n").first { $0.split(separator: " ").first == word[...] }
    return line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
  }
}
