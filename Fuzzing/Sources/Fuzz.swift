import ArgumentParser
import Foundation

/// Reads files that were changed at random, until one ends the program or takes too long: that is a mistake, whatever
/// the file.
@main
struct Fuzz: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "VignetteFuzz", abstract: "Feeds the library's readers with damaged files.")

  @Argument(help: "Targets to run; all if none is given.")
  var targets: [String] = []

  @Option(help: "How long each target runs.")
  var seconds: Double?

  @Option(help: "How many files each target reads.")
  var runs: UInt64?

  @Option(help: "What the changes are drawn from.")
  var seed: UInt64 = 1

  @Option(help: "Targets that run at a time.")
  var jobs = 1

  @Option(help: "Reads this folder once instead, in this process.")
  var input: String?

  @Option(help: "Where files that end the program are kept.")
  var crashes = "Fuzzing/Crashes"

  @Flag(help: "Lists the targets.")
  var list = false

  @Option(help: .hidden)
  var child: String?

  @Option(help: .hidden)
  var first: UInt64 = 0

  func run() async throws {
    if list { return print(Target.all.map(\.name).joined(separator: "\n")) }
    let chosen = try targets.isEmpty ? Target.all : targets.map { try Self.target(named: $0) }
    if let child { return try await runChild(chosen[0], URL(fileURLWithPath: child)) }
    if let input { return try await read(chosen[0], URL(fileURLWithPath: input)) }
    let summaries = await runAll(chosen)
    for summary in summaries.sorted(by: { $0.name < $1.name }) {
      let count = summary.summary.findings.count
      print(
        "\(summary.name): \(summary.summary.runs) read, \(summary.summary.accepted) accepted, \(count) findings"
      )
      for finding in summary.summary.findings { print("  \(finding)") }
    }
    if summaries.contains(where: { !$0.summary.findings.isEmpty }) { throw ExitCode.failure }
  }

  private static func target(named name: String) throws -> Target {
    guard let target = Target.all.first(where: { $0.name == name }) else {
      throw ValidationError("there is no target \(name)")
    }
    return target
  }

  private func runChild(_ target: Target, _ scratch: URL) async throws {
    // Far beyond what is allowed, but not the machine's.
    var limit = rlimit(rlim_cur: 16 << 30, rlim_max: 16 << 30)
    setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
    try await Child(
      target: target, seed: seed, first: first,
      journal: Journal(at: scratch.appendingPathComponent("journal")),
      scratch: scratch
    ).run(until: runs ?? .max, deadline: seconds.map { Date() + $0 })
  }

  private func read(_ target: Target, _ folder: URL) async throws {
    // The kept one stays as it is.
    let sample = try Sample(contentsOf: folder)
    let copy = Self.temporary("input")
    try sample.write(to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    do {
      try await target.read(copy, sample)
      print("accepted")
    } catch {
      print("\(error)")
    }
  }

  private func runAll(_ targets: [Target]) async -> [(name: String, summary: Supervisor.Summary)] {
    await withTaskGroup(of: (String, Supervisor.Summary).self) { group in
      var results: [(name: String, summary: Supervisor.Summary)] = []
      var waiting = targets[...]
      func start() {
        guard let target = waiting.popFirst() else { return }
        group.addTask { (target.name, await supervise(target)) }
      }
      for _ in 0..<max(1, jobs) { start() }
      for await (name, summary) in group {
        results.append((name, summary))
        start()
      }
      return results
    }
  }

  private func supervise(_ target: Target) async -> Supervisor.Summary {
    let supervisor = Supervisor(
      target: target, seed: seed, crashes: URL(fileURLWithPath: crashes), scratch: Self.temporary(target.name)
    )
    let (runs, seconds) = (runs, runs == nil ? seconds ?? 10 : seconds)
    do {
      return try await supervisor.run(runs: runs, seconds: seconds)
    } catch {
      return Supervisor.Summary(findings: ["\(target.name): \(error)"])
    }
  }

  /// A folder of its own, in memory where there is such a file system.
  private static func temporary(_ name: String) -> URL {
    let shared = URL(fileURLWithPath: "/dev/shm")
    let parent =
      FileManager.default.isWritableFile(atPath: shared.path)
      ? shared : FileManager.default.temporaryDirectory
    return parent.appendingPathComponent("vignette-fuzz-\(name)-\(UUID().uuidString.prefix(8))")
  }
}
