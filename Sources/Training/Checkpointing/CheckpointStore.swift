import Foundation

/// The checkpoints of a run: `checkpoint-<step>` folders in its output folder.
struct CheckpointStore {
  let output: URL

  func folder(step: Int) -> URL { output.appendingPathComponent("checkpoint-\(step)", isDirectory: true) }

  /// The steps of the checkpoints that are there, in order.
  var steps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: output.path)) ?? []
    return names.compactMap { $0.hasPrefix("checkpoint-") ? Int($0.dropFirst("checkpoint-".count)) : nil }
      .sorted()
  }

  var latest: URL? { steps.last.map { folder(step: $0) } }

  /// Removes the oldest checkpoints beyond `limit`, but neither the best nor the newest one.
  func prune(limit: Int, best: Int?) throws {
    guard limit > 0 else { return }
    var kept = steps
    while kept.count > limit, let oldest = kept.dropLast().first(where: { $0 != best }) {
      try FileManager.default.removeItem(at: folder(step: oldest))
      kept.removeAll { $0 == oldest }
    }
  }

  /// Removes what a killed run left half-written: a checkpoint, or a file of the result.
  func sweep() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: output.path)) ?? []
    for name in names where name.hasPrefix(".") && name.hasSuffix(".partial") {
      try? FileManager.default.removeItem(at: output.appendingPathComponent(name))
    }
  }
}
