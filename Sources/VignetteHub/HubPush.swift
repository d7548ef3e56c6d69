package import Foundation
import VignetteCheckpoints
import VignetteFiles

/// Shares a model's folder on the hub.
///
/// Large files are uploaded first, where nobody sees them; one commit then shows all of it. What stands in the way of that,
/// or ends it, leaves the repository as it was.
package struct HubPush: Sendable {
  /// Where it stands.
  package enum Progress: Sendable, Equatable {
    /// So many bytes of the folder's were read, to see what is new.
    case reading(byteCount: Int, total: Int)
    /// So many bytes will be uploaded.
    case uploading(total: Int)
    case uploaded(byteCount: Int)
  }

  /// What has become of it.
  package struct Outcome: Sendable, Equatable {
    /// The branch's last commit.
    package let commit: String
    /// The files that are new or others than before.
    package let pushed: [String]
    /// The files that were there already.
    package let unchanged: [String]
    /// Weights that were there and that this model doesn't have.
    package let removed: [String]
    package let hasMadeRepository: Bool
  }

  package let folder: URL
  package let name: HubModelName
  /// Makes a private repository where there is none.
  package var isPrivate = false
  package var message = "Upload model"
  /// Whether all files go, those below the folder too; hidden ones never do. Otherwise, those that make the model and
  /// describe it.
  package var includesAllFiles = false
  private let hub: HubConnection

  /// - Parameter name: whose revision is the branch.
  package init(_ folder: URL, to name: HubModelName, at hub: HubConnection) {
    self.folder = folder
    self.name = name
    self.hub = hub
  }

  /// Pushes what is new.
  ///
  /// - Throws: ``HubError``, `JSONError` for answers that make no sense, `FileError`, `SystemError`,
  ///   `CancellationError`.
  package func run(
    progress: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws -> Outcome {
    guard hub.settings.token != nil else { throw HubError.noToken(name) }
    var files = try PushedFile.find(in: folder, all: includesAllFiles)
    let total = files.reduce(0) { $0 + (CachedRepository.size($1.url) ?? 0) }
    var done = 0
    for index in files.indices {
      try Task.checkCancellation()
      try files[index].computeHashes { progress(.reading(byteCount: done + $0, total: total)) }
      done += files[index].byteCount
    }
    let (remote, hasMadeRepository) = try await repository()
    let modes = try await uploadModes(files, remote)
    files = files.filter { modes[$0.path]?.isIgnored != true }
    let changed = files.filter { modes[$0.path]?.hash != $0.hash(isLarge: modes[$0.path]?.isLarge ?? false) }
    let changedPaths = Set(changed.map(\.path))
    let removed = staleWeights(remote, Set(files.map(\.path)))
    var commit = remote.commit
    let isNewBranch = remote.name.revision != name.revision
    if !changed.isEmpty || !removed.isEmpty {
      let large = changed.filter { modes[$0.path]?.isLarge == true }
      let uploads = LargeFileUpload(name, ref: remote.name.revision, at: hub)
      try await uploads.run(large, progress: progress)
      let change = HubCommit(
        message: message, parent: remote.commit, small: changed.filter { modes[$0.path]?.isLarge != true },
        large: large, removed: removed)
      commit = try await send(change, isNewBranch: isNewBranch)
    } else if isNewBranch {
      try await makeBranch(at: commit)
    }
    return Outcome(
      commit: commit, pushed: changed.map(\.path),
      unchanged: files.map(\.path).filter { !changedPaths.contains($0) }, removed: removed,
      hasMadeRepository: hasMadeRepository)
  }

  // MARK: What is there

  /// The branch's last commit, or the main branch's where there is no such branch yet; makes the repository where there
  /// is none.
  private func repository() async throws -> (HubRevision, hasMadeIt: Bool) {
    do {
      let found = try await existing()
      if isPrivate, !found.isPrivate {
        throw HubError.unusable(
          name, problem: "is public already; make it private in its settings at \(hub.page(of: name)) first")
      }
      return (found, false)
    } catch HubError.noRepository {
      try await create()
      return (try await existing(), true)
    }
  }

  private func existing() async throws -> HubRevision {
    do {
      return try await HubRevision(of: name, at: hub)
    } catch HubError.noSuchRevision {
      guard let main = name.at("main"), main != name else {
        throw HubError.noSuchRevision(name, endpoint: hub.endpoint)
      }
      return try await HubRevision(of: main, at: hub)
    }
  }

  private func create() async throws {
    let parts = name.repository.split(separator: "/").map(String.init)
    guard parts.count == 2 else {
      throw HubError.unusable(name, problem: "needs its owner before it: OWNER/\(name.repository)")
    }
    let body: JSONValue = [
      "name": .string(parts[1]), "organization": .string(parts[0]), "type": "model",
      "visibility": isPrivate ? "private" : "public",
    ]
    // Whoever made it meanwhile, it is there.
    _ = try await hub.answer(to: .json(.post, hub.url("api/repos/create"), body), about: name) { $0 == 409 }
  }

  /// How the hub wants a file, and what it has under its name.
  private struct UploadMode {
    let isLarge: Bool
    let isIgnored: Bool
    let hash: String?
  }

  private func uploadModes(
    _ files: [PushedFile], _ remote: HubRevision
  ) async throws -> [String: UploadMode] {
    var modes: [String: UploadMode] = [:]
    let branch = HubConnection.encoded(remote.name.revision)
    let url = try hub.url("api/models/\(name.repository)/preupload/\(branch)")
    for start in stride(from: 0, to: files.count, by: LargeFileUpload.batchSize) {
      let batch = files[start..<min(files.count, start + LargeFileUpload.batchSize)]
      let body: JSONValue = ["files": .array(try batch.map { try $0.announcement() })]
      let answer = try await hub.json(.json(.post, url, body), about: name)
      for field in try answer["files"].elements() {
        let mode: String = try field["uploadMode"].value()
        guard ["lfs", "regular"].contains(mode) else {
          throw field["uploadMode"].mismatch(expected: "lfs or regular")
        }
        modes[try field["path"].value()] = UploadMode(
          isLarge: mode == "lfs", isIgnored: try field["shouldIgnore"].value(default: false),
          hash: try field["oid"].optional())
      }
    }
    for file in files {
      guard let mode = modes[file.path] else {
        throw HubError.badResponse(url: url.absoluteString, problem: "says nothing about \(file.path)")
      }
      // Nothing can't be uploaded.
      if file.byteCount == 0 {
        modes[file.path] = UploadMode(isLarge: false, isIgnored: mode.isIgnored, hash: mode.hash)
      }
    }
    return modes
  }

  /// Weights of an earlier push that readers could take for this model's.
  private func staleWeights(_ remote: HubRevision, _ paths: Set<String>) -> [String] {
    func isWeights(_ name: String) -> Bool { WeightsFormat.allCases.contains { $0.owns(name) } }
    guard paths.contains(where: isWeights) else { return [] }
    return remote.files.map(\.name).filter { isWeights($0) && !paths.contains($0) }
  }

  // MARK: The commit

  /// Makes the commit, once.
  private func send(_ change: HubCommit, isNewBranch: Bool) async throws -> String {
    if isNewBranch { try await makeBranch(at: change.parent) }
    do {
      return try await send(change)
    } catch {
      if isNewBranch, let url = try? branchURL { _ = try? await hub.send(FetchRequest(.delete, url)) }
      throw error
    }
  }

  private var branchURL: URL {
    get throws { try hub.url("api/models/\(name.repository)/branch/\(HubConnection.encoded(name.revision))") }
  }

  private func makeBranch(at commit: String) async throws {
    let body: JSONValue = ["startingPoint": .string(commit)]
    _ = try await hub.answer(to: .json(.post, branchURL, body), about: name) { $0 == 409 }
  }

  private func send(_ change: HubCommit) async throws -> String {
    let branch = HubConnection.encoded(name.revision)
    let url = try hub.url("api/models/\(name.repository)/commit/\(branch)")
    let request = FetchRequest(
      .post, url, headers: ["Content-Type": "application/x-ndjson"], body: .bytes(try change.lines()))
    var once = hub
    once.attempts = 1
    var failures = 0
    while true {
      do {
        let response = try await once.answer(to: request, about: name) { [409, 412].contains($0) }
        guard response.status < 300 else { throw HubError.conflict(name) }
        return try await HubConnection.json(response, from: url)["commitOid"].value()
      } catch let error as HubError {
        try Task.checkCancellation()
        failures += 1
        guard error.isPassing || error == .conflict(name) && failures > 1, failures < hub.attempts else {
          throw error
        }
        try await Task.sleep(for: hub.pause * (1 << min(failures - 1, 6)))
        // The commit may have been made, and its answer lost.
        let now = try await existing()
        if now.commit != change.parent {
          guard change.isDone(in: now) else { throw HubError.conflict(name) }
          return now.commit
        }
      }
    }
  }
}

/// What a commit changes.
struct HubCommit: Sendable {
  let message: String
  let parent: String
  let small: [PushedFile]
  let large: [PushedFile]
  let removed: [String]

  /// A line of JSON for each change.
  func lines() throws -> [UInt8] {
    var lines: [JSONValue] = [
      [
        "key": "header",
        "value": ["summary": .string(message), "description": "", "parentCommit": .string(parent)],
      ]
    ]
    for file in small {
      let contents = try FileSystem.data(file.url).base64EncodedString()
      lines.append([
        "key": "file",
        "value": ["content": .string(contents), "path": .string(file.path), "encoding": "base64"],
      ])
    }
    for file in large {
      lines.append([
        "key": "lfsFile",
        "value": [
          "path": .string(file.path), "algo": "sha256", "oid": .string(file.sha256),
          "size": .int(file.byteCount),
        ],
      ])
    }
    for path in removed { lines.append(["key": "deletedFile", "value": ["path": .string(path)]]) }
    return lines.flatMap { Array("\($0.text(.oneLine))\n".utf8) }
  }

  func isDone(in revision: HubRevision) -> Bool {
    let hashes = Dictionary(revision.files.map { ($0.name, $0.hash) }) { first, _ in first }
    return small.allSatisfy { hashes[$0.path] == .git($0.gitHash) }
      && large.allSatisfy { hashes[$0.path] == .sha256($0.sha256) }
      && removed.allSatisfy { hashes[$0] == nil }
  }
}

extension FetchRequest {
  /// A request with JSON.
  static func json(
    _ method: Method, _ url: URL, _ body: JSONValue, type: String = "application/json"
  ) -> FetchRequest {
    FetchRequest(
      method, url, headers: ["Content-Type": type, "Accept": type],
      body: .bytes(Array(body.text(.oneLine).utf8)))
  }
}
