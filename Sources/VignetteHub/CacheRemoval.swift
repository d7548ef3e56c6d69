import Foundation
import VignetteFiles

/// Takes a model, or one revision of it, out of Hugging Face's cache.
package struct CacheRemoval: Sendable {
  package let name: String
  /// Which go.
  package let commits: [String]
  /// Which stay.
  package let remaining: [String]
  /// The bytes that nothing else uses.
  package let byteCount: Int
  private let repository: CachedRepository
  private let blobs: [String]

  /// - Parameter revision: the branch, tag or commit that goes; nil for the whole model.
  /// - Throws: ``HubError`` where there is no such thing; `SystemError`.
  package init(_ name: HubModelName, revision: String?, in cache: HubCache) throws {
    self.name = name.repository
    repository = CachedRepository(name, in: cache)
    guard FileSystem.isFolder(repository.url) else { throw HubError.notCached(name, cache: cache.url.path) }
    let all = try repository.commits()
    if let revision {
      guard
        let commit = [revision, repository.commit(of: revision)].compactMap(\.self).first(where: all.contains)
      else { throw HubError.noRevision(name, cache: cache.url.path) }
      commits = [commit]
    } else {
      commits = all
    }
    remaining = all.filter { [commits] in !commits.contains($0) }
    // What is left of interrupted downloads and removals goes, too.
    let used = try remaining.reduce(into: Set<String>()) { [repository] in
      $0.formUnion(try repository.blobs(of: $1))
    }
    let there = FileSystem.isFolder(repository.blobs) ? try FileName.list(repository.blobs.path) : []
    let keepsUnfinished = !remaining.isEmpty
    blobs = there.filter { !used.contains($0) && !(keepsUnfinished && $0.hasSuffix(".incomplete")) }
    byteCount = blobs.reduce(0) { [repository] sum, blob in
      // A link leads to what the whole cache shares, and which stays.
      guard let status = FileSystem.status(of: repository.blob(blob).path, followingLinks: false),
        status.st_mode & S_IFMT == S_IFREG
      else { return sum }
      return sum + Int(status.st_size)
    }
  }

  /// Removes it: its names first, so that nothing is found that is half there.
  ///
  /// - Throws: ``HubError/busy(path:)`` where a file is being fetched; `SystemError`.
  package func run() throws {
    let locks = try lock()
    defer { withExtendedLifetime(locks) {} }
    if remaining.isEmpty {
      let doomed = TemporaryName.beside(repository.url)
      try FileSystem.move(repository.url, to: doomed)
      try FileSystem.remove(doomed)
      if FileSystem.exists(repository.locksFolder) { try FileSystem.remove(repository.locksFolder) }
      return
    }
    for (reference, commit) in try repository.readReferences() where commits.contains(commit) {
      try FileSystem.remove(repository.reference(reference))
    }
    for commit in commits {
      let doomed = TemporaryName.beside(repository.url.appendingPathComponent("snapshot"))
      try FileSystem.move(repository.snapshot(commit), to: doomed)
      try FileSystem.remove(doomed)
      for rest in [repository.absences(commit), repository.tree(commit)] where FileSystem.exists(rest) {
        try FileSystem.remove(rest)
      }
    }
    for blob in blobs { try AtomicFile.remove(repository.blob(blob)) }
  }

  /// The locks on all blobs that go, so that nobody writes them.
  private func lock() throws -> [FileLock] {
    var hashes = Set(blobs.map { String($0.prefix { $0 != "." }) })
    if remaining.isEmpty, FileSystem.isFolder(repository.locksFolder) {
      hashes.formUnion(
        try FileName.list(repository.locksFolder.path).filter { $0.hasSuffix(".lock") }.map {
          String($0.dropLast(5))
        })
    }
    return try hashes.sorted().map { hash in
      guard let lock = try FileLock(tryingAt: repository.lock(hash)) else {
        throw HubError.busy(path: repository.blob(hash).path)
      }
      return lock
    }
  }
}
