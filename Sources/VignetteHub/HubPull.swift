package import Foundation
import VignetteCheckpoints
import VignetteFiles

/// Brings a model from the hub into Hugging Face's cache.
///
/// Each file arrives in `HASH.incomplete`, which a later run goes on with, is compared with its hash, and only then gets
/// its name. The branch's name is written last, so a model that is there by its name is there whole, and an earlier
/// commit stays in use until then.
package struct HubPull: Sendable {
  /// Where it stands.
  package enum Progress: Sendable, Equatable {
    /// Another process fetches a file.
    case waiting(file: String)
    /// So many bytes of all that are fetched have arrived.
    case fetching(byteCount: Int)
    /// A file is whole, and its hash is computed.
    case checking(file: String)
  }

  /// What is to be fetched.
  package struct Plan: Sendable {
    package let revision: HubRevision
    /// All files that make the model, the largest last; each with its size and hash.
    package let files: [HubFile]
    fileprivate let missing: [HubFile]
    /// How many bytes are to be fetched; some may have arrived already.
    package var byteCount: Int { missing.reduce(0) { $0 + ($1.byteCount ?? 0) } }
    /// How many of them have arrived.
    package let arrivedByteCount: Int

    package var name: HubModelName { revision.name }
    package var isComplete: Bool { missing.isEmpty }
  }

  package let name: HubModelName
  package let cache: HubCache
  private let hub: HubConnection
  private let repository: CachedRepository

  package init(_ name: HubModelName, into cache: HubCache, from hub: HubConnection) {
    self.name = name
    self.cache = cache
    self.hub = hub
    repository = CachedRepository(name, in: cache)
  }

  /// Asks the hub what there is, and looks what of it the cache has.
  ///
  /// - Throws: ``HubError``, `JSONError`, `CancellationError`.
  package func plan() async throws -> Plan {
    let revision = try await HubRevision(of: name, at: hub)
    var files: [HubFile] = []
    for file in try await modelFiles(revision) { files.append(try await completed(file, revision)) }
    files.sort { ($0.byteCount ?? 0, $0.name) < ($1.byteCount ?? 0, $1.name) }
    let missing = files.filter { repository.size(of: $0.name, at: revision.commit) != $0.byteCount }
    return Plan(
      revision: revision, files: files, missing: missing,
      arrivedByteCount: missing.reduce(0) { $0 + arrived($1) })
  }

  /// Fetches what is missing.
  ///
  /// - Parameter availableSpace: free bytes; nil asks the file system.
  /// - Returns: the folder of the model.
  /// - Throws: ``HubError``, what the file system refuses, `CancellationError`.
  @discardableResult
  package func run(
    _ plan: Plan, availableSpace: Int? = nil, progress: (Progress) -> Void = { _ in }
  ) async throws -> URL {
    let commit = plan.revision.commit
    let needed = plan.byteCount - plan.arrivedByteCount
    let available = try availableSpace ?? DiskSpace.available(near: repository.blobs)
    guard needed <= available else {
      throw HubError.noSpace(folder: cache.url.path, needed: needed, available: available)
    }
    try FolderMaker.make(repository.blobs)
    try repository.tagCache()
    var done = 0
    for file in plan.missing {
      try await bring(file, commit) { received in
        progress(received.map { .fetching(byteCount: done + $0) } ?? .checking(file: file.name))
      } waiting: {
        progress(.waiting(file: file.name))
      }
      done += file.byteCount ?? 0
      progress(.fetching(byteCount: done))
    }
    let names = Set(plan.revision.files.map(\.name))
    try repository.setAbsent(ModelFileSelection.soughtNames.filter { !names.contains($0) }, at: commit)
    try repository.setTree(plan.revision)
    if name.revision != commit { try repository.setReference(name.revision, to: commit) }
    return repository.snapshot(commit)
  }

  // MARK: What there is

  /// The files that make the model.
  private func modelFiles(_ revision: HubRevision) async throws -> [HubFile] {
    let names = Set(revision.files.map(\.name))
    guard names.contains("config.json") else {
      throw HubError.unusable(
        name,
        problem: "holds no config.json, so it isn't one of Transformers' models"
          + (names.contains(where: ModelFolder.isGGUF) ? "; its GGUF files are llama.cpp's" : ""))
    }
    let weights: [String]
    switch ModelFileSelection.weights(among: names) {
    case .file(let file): weights = [file]
    case .index(let index): weights = [index] + (try await shards(index, revision))
    case nil:
      throw HubError.unusable(
        name,
        problem: "holds no weights that can be read, neither \(WeightsFormat.safetensors.fileName) nor "
          + WeightsFormat.pytorch.fileName)
    }
    return try (ModelFileSelection.smallFiles.filter(names.contains) + weights).map { file in
      guard let found = revision[file] else {
        throw HubError.unusable(name, problem: "lacks \(Excerpt(file)), which its index of weights names")
      }
      return found
    }
  }

  private func shards(_ index: String, _ revision: HubRevision) async throws -> [String] {
    let url = try hub.url(of: index, in: name, at: revision.commit)
    return try ModelFileSelection.shards(in: await hub.json(FetchRequest(.get, url), about: name))
  }

  /// The file with its size and hash, for which its address is asked where the list has none.
  private func completed(_ file: HubFile, _ revision: HubRevision) async throws -> HubFile {
    if file.byteCount != nil, file.hash != nil { return file }
    let url = try hub.url(of: file.name, in: name, at: revision.commit)
    let head = try await hub.head(url, about: name)
    func bad(_ problem: String) -> HubError { .badResponse(url: url.absoluteString, problem: problem) }
    guard head["X-Repo-Commit"].map({ $0 == revision.commit }) ?? true else {
      throw bad("the server answers for another commit")
    }
    guard let tag = head["X-Linked-Etag"] ?? head["ETag"], let hash = ContentHash(entityTag: tag) else {
      throw bad("the server doesn't say by which hash the file could be checked")
    }
    guard let size = (head["X-Linked-Size"] ?? head["Content-Length"]).flatMap({ Int($0) }),
      (0...HubFile.maximumByteCount).contains(size)
    else { throw bad("the server doesn't say how large the file is") }
    var file = file
    (file.byteCount, file.hash) = (size, hash)
    return file
  }

  /// How many bytes needn't be fetched any more of a file that isn't in its place.
  private func arrived(_ file: HubFile) -> Int {
    guard let hash = file.hash?.digits, let size = file.byteCount else { return 0 }
    if CachedRepository.size(repository.blob(hash)) == size { return size }
    return CachedRepository.size(repository.unfinishedBlob(hash)).map { $0 <= size ? $0 : 0 } ?? 0
  }

  // MARK: One file

  /// Brings a file into the cache.
  ///
  /// - Parameter progress: gets how many of its bytes have arrived; nil while they are checked.
  private func bring(
    _ file: HubFile, _ commit: String, _ progress: (Int?) -> Void, waiting: () -> Void
  ) async throws {
    guard let hash = file.hash, let size = file.byteCount else { return }
    let blob = repository.blob(hash.digits)
    let lock = try await FileLock.acquire(repository.lock(hash.digits), waiting: waiting)
    defer { withExtendedLifetime(lock) {} }
    // Whoever had the lock may have fetched it; and other commits may have the same file.
    if CachedRepository.size(blob) != size { try await fetch(file, commit, hash, size, progress) }
    try repository.link(hash.digits, as: file.name, at: commit)
  }

  private func fetch(
    _ file: HubFile, _ commit: String, _ hash: ContentHash, _ size: Int, _ progress: (Int?) -> Void
  ) async throws {
    let part = repository.unfinishedBlob(hash.digits)
    let url = try hub.url(of: file.name, in: name, at: commit)
    // What an interrupted run left may be damaged, as by a power cut; then it is fetched anew.
    while true {
      let hasRest = (CachedRepository.size(part) ?? 0) > 0
      var download = FileDownload(url, into: part, byteCount: size)
      download.attempts = hub.attempts
      download.pause = hub.pause
      download.refusal = { [hub, name] in hub.refusal($1, $0, about: name) }
      try await download.fetch(using: hub) { received, _ in progress(received) }
      progress(nil)
      let found = try hash.digits(ofFileAt: part)
      if found == hash.digits { break }
      try FileSystem.remove(part)
      guard hasRest else {
        throw HubError.damaged(
          file: file.name, url: url.absoluteString, expected: hash.digits, found: found)
      }
    }
    try FileSystem.move(part, to: repository.blob(hash.digits))
  }
}

extension HubConnection {
  /// The headers that tell of a file. A redirect to another server is not followed: it has them itself.
  fileprivate func head(_ url: URL, about name: HubModelName) async throws -> FetchResponse {
    var url = url
    for _ in 0..<10 {
      let request = FetchRequest(.head, url, headers: ["Accept-Encoding": "identity"])
      let response = try await answer(to: request, about: name) { (300..<400).contains($0) }
      guard let target = try response.redirect(from: url), isHub(target) else { return response }
      url = target
    }
    throw HubError.badResponse(url: url.absoluteString, problem: "the server redirects without end")
  }
}
