import Foundation
import VignetteCheckpoints
import VignetteFiles

/// The checkpoints of a run: `checkpoint-<step>` folders in its output folder.
struct CheckpointStore {
  let output: URL

  func folder(step: Int) -> URL {
    output.appendingPathComponent(CheckpointName.name(step: step), isDirectory: true)
  }

  /// The steps of the checkpoints that are there, in order.
  var steps: [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: output.path)) ?? []
    return names.compactMap(CheckpointName.step).sorted()
  }

  var latest: URL? { steps.last.map { folder(step: $0) } }

  /// Makes sure that no checkpoint lies ahead of a run that starts after `step` steps: such are another run's, and
  /// would be taken for this one's.
  ///
  /// - Parameter overwriting: remove them.
  /// - Throws: ``TrainingError/usedFolder(path:step:)``.
  func claim(from step: Int, overwriting: Bool) throws {
    let foreign = steps.filter { $0 > step }
    guard let last = foreign.last else { return }
    guard overwriting else { throw TrainingError.usedFolder(path: output.path, step: last) }
    for step in foreign { try remove(step) }
  }

  /// Removes the oldest checkpoints beyond `limit`, but neither the best nor the one just written.
  func prune(limit: Int, sparing newest: Int, best: Int?) throws {
    guard limit > 0 else { return }
    var kept = steps
    while kept.count > limit, let oldest = kept.first(where: { $0 != best && $0 != newest }) {
      try remove(oldest)
      kept.removeAll { $0 == oldest }
    }
  }

  /// Removes a checkpoint; under another name first, so that none is ever seen with half of its files.
  private func remove(_ step: Int) throws {
    let doomed = TemporaryName.beside(folder(step: step))
    try FileManager.default.moveItem(at: folder(step: step), to: doomed)
    try FileManager.default.removeItem(at: doomed)
  }

  /// Removes what a killed run left half-written: a checkpoint, or a file of the result.
  func sweep() { TemporaryName.sweep(output) }
}
