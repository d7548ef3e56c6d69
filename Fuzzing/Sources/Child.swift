import Foundation

/// Reads samples one after the other, until something ends the process.
struct Child {
  let target: Target
  let seed: UInt64
  let first: UInt64
  let journal: Journal
  let scratch: URL

  /// - Parameters:
  ///   - deadline: when to end; nil for not before `last`.
  ///   - last: the first sample that isn't read any more.
  func run(until last: UInt64, deadline: Date?) async throws {
    let seeds = try await Child.seeds(target, scratch)
    let folder = scratch.appendingPathComponent("input")
    var earlier: Sample?
    var iteration = first
    while iteration < last, deadline.map({ Date() < $0 }) ?? true {
      journal.iteration = iteration
      let sample = Mutator.sample(seeds, seed: seed, iteration: iteration)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try sample.write(to: folder, after: earlier)
      earlier = sample
      if try await Child.isAccepted(target, folder, sample) { journal.accepted += 1 }
      // Some readers write beside what they read.
      if target.changesItsFolder {
        try? FileManager.default.removeItem(at: folder)
        earlier = nil
      }
      iteration += 1
    }
    journal.iteration = iteration
  }

  static func seeds(_ target: Target, _ scratch: URL) async throws -> [Sample] {
    let made = scratch.appendingPathComponent("seeds")
    try FileManager.default.createDirectory(at: made, withIntermediateDirectories: true)
    return try await target.seeds(made)
  }

  /// Whether a sample is taken without an error; an error's text is made, as that may fail, too.
  static func isAccepted(_ target: Target, _ folder: URL, _ sample: Sample) async throws -> Bool {
    do {
      try await target.read(folder, sample)
      return true
    } catch {
      let text = "\(error)"
      guard text.utf8.count <= 20_000 else {
        fatalError("an error of \(text.utf8.count) bytes: \(text.prefix(300))")
      }
      return false
    }
  }
}

extension Target {
  var changesItsFolder: Bool { ["features", "resume", "site", "tar", "webdataset", "job"].contains(name) }
}
