import Foundation
import Logging
import VignetteCheckpoints
import VignetteDatasets
import VignetteEvaluation
import VignetteFiles

/// A run's output folder: `checkpoint-<step>` folders, `trainer_state.json`, `skipped.jsonl` and `metrics.json`.
///
/// A run is the only writer of its folder while it has the folder's lock, which dies with the process.
final class RunFolder {
  let url: URL
  /// Whether this process of the run writes; the others only read.
  private let writes: Bool
  private var lock: FolderLock?
  private var reportedSteps: Set<Int> = []
  private let logger = Logger(label: "vignette.training")

  init(_ url: URL, _ group: any ProcessGroup) {
    self.url = url
    writes = group.writes
  }

  /// Makes the folder, takes it and removes what a killed run left half-written.
  ///
  /// - Throws: ``TrainingError/folderInUse(path:by:)``; `SystemError`.
  func take() throws {
    guard writes, lock == nil else { return }
    try FolderMaker.make(url)
    lock = try FolderLock(url)
    TemporaryName.sweep(url)
  }

  // MARK: Checkpoints

  func checkpoint(step: Int) -> Checkpoint {
    Checkpoint(url.appendingPathComponent(CheckpointName.name(step: step), isDirectory: true))
  }

  /// The steps of the checkpoints that are there, in order.
  var steps: [Int] {
    let names = (try? FileName.list(url.path)) ?? []
    return names.compactMap(CheckpointName.step).sorted()
  }

  /// The newest checkpoint that is whole; a damaged one where there is no other, so that what is wrong with it is
  /// found rather than a run begun anew.
  var latest: Checkpoint? {
    let steps = steps
    for step in steps.reversed() {
      guard let damage = checkpoint(step: step).damage else { return checkpoint(step: step) }
      if step != steps.first, reportedSteps.insert(step).inserted {
        logger.warning("\(checkpoint(step: step).url.lastPathComponent) is damaged and is skipped: \(damage)")
      }
    }
    return steps.last.map(checkpoint)
  }

  /// Makes sure that no checkpoint lies ahead of a run that starts after `step` steps: it would be taken for this run's.
  /// A damaged one ahead of the checkpoint that the run goes on from is put aside.
  ///
  /// - Parameters:
  ///   - resumed: the checkpoint that the run goes on from.
  ///   - overwriting: remove what lies ahead.
  /// - Throws: ``TrainingError/usedFolder(path:step:)``, ``TrainingError/newerCheckpoint(path:than:)``.
  func claim(from step: Int, resumed: Checkpoint?, overwriting: Bool) throws {
    let ahead = steps.filter { $0 > step }
    guard writes, let last = ahead.last else { return }
    if overwriting { return try ahead.forEach(remove) }
    guard let resumed, resumed.url.standardizedFileURL == checkpoint(step: step).url.standardizedFileURL
    else {
      throw TrainingError.usedFolder(path: url.path, step: last)
    }
    if let whole = ahead.last(where: { checkpoint(step: $0).damage == nil }) {
      throw TrainingError.newerCheckpoint(
        path: checkpoint(step: whole).url.path, than: resumed.url.lastPathComponent)
    }
    try ahead.forEach(putAside)
  }

  /// Writes a checkpoint, all or nothing, which takes the place of one of the same step.
  ///
  /// - Parameter fill: writes the files into a folder that gets its name when all is written and synced.
  func writeCheckpoint(step: Int, _ fill: (Checkpoint) throws -> Void) throws {
    guard writes else { return }
    let folder = try AtomicFolder(at: checkpoint(step: step).url)
    try fill(Checkpoint(folder.workingURL))
    try folder.commit()
  }

  /// Removes the oldest checkpoints beyond `limit`, but neither the best nor the one just written.
  func prune(limit: Int, sparing newest: Int, best: Int?) throws {
    guard writes, limit > 0 else { return }
    var kept = steps
    while kept.count > limit, let oldest = kept.first(where: { $0 != best && $0 != newest }) {
      try remove(oldest)
      kept.removeAll { $0 == oldest }
    }
  }

  /// Removes a checkpoint; under another name first, so that none is ever seen with half of its files.
  private func remove(_ step: Int) throws {
    let doomed = TemporaryName.beside(checkpoint(step: step).url)
    try FileSystem.move(checkpoint(step: step).url, to: doomed)
    try FileSystem.remove(doomed)
  }

  private func putAside(_ step: Int) throws {
    let damaged = checkpoint(step: step).url
    let aside = url.appendingPathComponent("damaged-\(damaged.lastPathComponent)", isDirectory: true)
    try? FileSystem.remove(aside)
    try FileSystem.move(damaged, to: aside)
    logger.warning("\(damaged.path) is damaged; it is called \(aside.lastPathComponent) now")
  }

  // MARK: What belongs to the whole run

  func write(_ state: TrainerState) throws {
    if writes { try state.write(to: file(TrainerState.fileName)) }
  }

  /// Writes `skipped.jsonl`, if there is anything to say.
  func write(skipped: [SkippedImage]) throws {
    if writes, !skipped.isEmpty { try SkippedImages(skipped).write(to: file(SkippedImages.fileName)) }
  }

  /// Removes another run's `skipped.jsonl`; a resumed run has its own from the checkpoint.
  func clearSkippedImages() throws {
    if writes { try AtomicFile.remove(file(SkippedImages.fileName)) }
  }

  private func file(_ name: String) -> URL { url.appendingPathComponent(name) }
}

/// Keeps other runs out of a folder until it goes away or its process ends, however that ends.
private struct FolderLock: ~Copyable {
  private let url: URL
  private let descriptor: CInt

  private static let fileName = ".vignette-run"

  /// - Throws: ``TrainingError/folderInUse(path:by:)``; `SystemError`.
  init(_ folder: URL) throws {
    url = folder.appendingPathComponent(Self.fileName)
    while true {
      let file = FileSystem.open(url.path, O_RDWR | O_CREAT)
      guard file >= 0 else { throw SystemError("write", url.path) }
      guard flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK else {
        defer { close(file) }
        throw TrainingError.folderInUse(path: folder.path, by: Self.owner(file))
      }
      // Another run may have removed the file between its opening and its lock.
      if Self.isFile(file, at: url.path) {
        descriptor = file
        break
      }
      close(file)
    }
    let owner = "\(ProcessInfo.processInfo.processIdentifier) \(ProcessInfo.processInfo.hostName)"
    _ = ftruncate(descriptor, 0)
    _ = owner.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  deinit {
    _ = FileSystem.unlink(url.path)
    close(descriptor)
  }

  private static func isFile(_ descriptor: CInt, at path: String) -> Bool {
    var opened = stat()
    guard let named = FileSystem.status(of: path) else { return false }
    return fstat(descriptor, &opened) == 0 && opened.st_ino == named.st_ino
      && opened.st_dev == named.st_dev
  }

  /// Who has the lock: "process 12", with the machine where that is another one.
  private static func owner(_ descriptor: CInt) -> String {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
    let words = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
    guard words.count == 2, let process = Int(words[0]) else { return "another run" }
    return words[1] == ProcessInfo.processInfo.hostName
      ? "process \(process)" : "process \(process) on \(words[1].prefix(64))"
  }
}
