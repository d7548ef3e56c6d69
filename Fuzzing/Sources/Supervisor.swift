import Foundation

/// Runs a target in processes of its own, and keeps the samples that ended one.
struct Supervisor {
  let target: Target
  let seed: UInt64
  let crashes: URL
  let scratch: URL

  /// How long a sample may compute; it may wait six times as long, since other programs may have the processors.
  private static let hang: TimeInterval = 10
  /// How much memory a process may have.
  private static let memory = 2 << 30

  struct Summary: Sendable {
    var runs: UInt64 = 0
    var accepted: UInt64 = 0
    var findings: [String] = []
  }

  /// - Parameters:
  ///   - runs: how many samples to read; nil for as many as there is time for.
  func run(runs: UInt64?, seconds: TimeInterval?) async throws -> Summary {
    var summary = Summary()
    let deadline = seconds.map { Date() + $0 }
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    while deadline.map({ Date() < $0 }) ?? true, runs.map({ summary.runs < $0 }) ?? true {
      let journal = try Journal(at: scratch.appendingPathComponent("journal"))
      (journal.iteration, journal.accepted) = (summary.runs, 0)
      let end = try await watch(child(from: summary.runs, to: runs, deadline: deadline), journal)
      summary.accepted += journal.accepted
      guard let end else {
        summary.runs = journal.iteration
        break
      }
      summary.findings.append(try await keep(journal.iteration, end))
      summary.runs = journal.iteration + 1
      // A target that always fails has been seen to.
      if summary.findings.count >= 20 { break }
    }
    return summary
  }

  private func child(from first: UInt64, to runs: UInt64?, deadline: Date?) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments =
      ["--child", scratch.path, target.name, "--seed", "\(seed)", "--first", "\(first)"]
      + (runs.map { ["--runs", "\($0)"] } ?? [])
      + (deadline.map { ["--seconds", "\(max(0, $0.timeIntervalSinceNow))"] } ?? [])
    process.environment = ProcessInfo.processInfo.environment.merging(["VIGNETTE_NUM_THREADS": "1"]) {
      given, _ in given
    }
    process.standardOutput = FileHandle.nullDevice
    return process
  }

  private var errors: URL { scratch.appendingPathComponent("errors") }

  /// What ended the process, nil where it was done.
  private func watch(_ process: Process, _ journal: Journal) async throws -> String? {
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let id = process.processIdentifier
    func now() -> (wall: Date, computed: TimeInterval) { (Date(), Self.computed(by: id)) }
    var (seen, since) = (journal.iteration, now())
    // The first sample waits for the seeds to be made.
    var patience = 6 * Self.hang
    while process.isRunning {
      try await Task.sleep(for: .milliseconds(20))
      if journal.iteration != seen { (seen, since, patience) = (journal.iteration, now(), Self.hang) }
      let (wall, computed) = now()
      let hangs = computed - since.computed > patience || wall.timeIntervalSince(since.wall) > 6 * patience
      let reason: String? =
        hangs
        ? "took more than \(Int(Self.hang)) s"
        : Self.peak(of: id) > Self.memory ? "took more than \(Self.memory >> 30) GB" : nil
      if let reason {
        kill(id, SIGKILL)
        process.waitUntilExit()
        return reason
      }
    }
    if process.terminationReason == .uncaughtSignal { return "signal \(process.terminationStatus)" }
    return process.terminationStatus == 0 ? nil : "status \(process.terminationStatus)"
  }

  /// The processor time that a process has had, in seconds.
  private static func computed(by process: pid_t) -> TimeInterval {
    // What follows the program's name, which may hold anything, in brackets.
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let fields = text.split(separator: ")").last?.split(separator: " "), fields.count > 12
    else { return 0 }
    let ticks = fields[11...12].reduce(0) { $0 + (TimeInterval($1) ?? 0) }
    return ticks / TimeInterval(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// The most memory that a process has had, in bytes.
  private static func peak(of process: pid_t) -> Int {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    else { return 0 }
    return line.split(separator: " ").compactMap { Int($0) }.first.map { $0 << 10 } ?? 0
  }

  /// Keeps the sample, and says how it is read again.
  private func keep(_ iteration: UInt64, _ end: String) async throws -> String {
    let seeds = try await Child.seeds(target, scratch.appendingPathComponent("again-\(iteration)"))
    let folder = crashes.appendingPathComponent("\(target.name)-\(seed)-\(iteration)")
    try? FileManager.default.removeItem(at: folder)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Mutator.sample(seeds, seed: seed, iteration: iteration).write(to: folder)
    let text = (try? String(contentsOf: errors, encoding: .utf8)) ?? ""
    let reason = text.split(separator: "\n").first { $0.contains("rror") || $0.contains("atal") } ?? ""
    return
      "\(target.name): \(end) \(reason.prefix(300))\n  VignetteFuzz \(target.name) --input \(folder.path)"
  }
}
