import Foundation
import NIOHTTP1
import VignetteFiles

/// One request to the hub that stands in, and what it does.
struct HubConversation {
  typealias Answer = TestServer.Answer

  var behaviour: HubServer.Behaviour
  private let request: ReceivedRequest
  private let addresses: Hub.Addresses
  private let steps: [String]

  init(_ request: ReceivedRequest, _ addresses: Hub.Addresses, _ behaviour: HubServer.Behaviour) {
    self.request = request
    self.addresses = addresses
    self.behaviour = behaviour
    let path = request.head.uri.prefix { $0 != "?" }
    steps = path.split(separator: "/").map { String($0).removingPercentEncoding ?? String($0) }
  }

  mutating func answer() -> Answer {
    switch (request.head.method, steps.first) {
    case (.GET, "_state"): return json(state)
    case (_, "objects"): return object()
    case (.POST, "api") where steps == ["api", "repos", "create"]: return create()
    case (.POST, "api") where steps == ["api", "validate-yaml"]:
      return json(["errors": [], "warnings": []])
    case (.POST, "complete"): return complete()
    case (_, "api") where steps.count >= 4 && steps[1] == "models":
      return api(name: "\(steps[2])/\(steps[3])", Array(steps.dropFirst(4)))
    default: break
    }
    guard steps.count >= 3 else { return Answer(status: 404) }
    let name = "\(steps[0])/\(steps[1])"
    if name.hasSuffix(".git") { return largeFiles(String(name.dropLast(4)), Array(steps.dropFirst(2))) }
    guard steps[2] == "resolve", steps.count >= 5 else { return Answer(status: 404) }
    return resolve(name, steps[3], steps[4...].joined(separator: "/"))
  }

  // MARK: Who may do what

  private var isKnown: Bool {
    guard !behaviour.tokens.isEmpty else { return true }
    let token = request.head.headers.first(name: "Authorization")?.dropFirst("Bearer ".count)
    return token.map { behaviour.tokens.contains(String($0)) } ?? false
  }

  private func refusal(_ status: Int, _ code: String, _ message: String) -> Answer {
    Answer(
      status: status,
      headers: ["X-Error-Code": code, "X-Error-Message": message, "Content-Type": "application/json"],
      body: Data(JSONValue.object(["error": .string(message)]).text(.plainLine).utf8))
  }

  /// Why a repository isn't shown; nil where it is.
  private func refusal(of name: String) -> Answer? {
    if let other = behaviour.renamed[name] {
      return Answer(status: 307, headers: ["Location": request.head.uri.replacing(name, with: other)])
    }
    let token = request.head.headers.first(name: "Authorization")
    if token != nil, !isKnown {
      return Answer(status: 401, headers: ["X-Error-Message": "Invalid credentials in Authorization header"])
    }
    guard let repository = behaviour.repositories[name], !repository.isPrivate || isKnown else {
      return refusal(token == nil ? 401 : 404, "RepoNotFound", "Repository not found")
    }
    return nil
  }

  private func json(_ value: JSONValue, _ status: Int = 200) -> Answer {
    Answer(
      status: status, headers: ["Content-Type": "application/json"], body: Data(value.text(.plainLine).utf8))
  }

  private var body: JSONValue? { try? JSONValue(parsing: request.body, file: "body") }

  // MARK: Reading

  private mutating func api(name: String, _ rest: [String]) -> Answer {
    if let refusal = refusal(of: name) { return refusal }
    guard let repository = behaviour.repositories[name] else { return Answer(status: 404) }
    let revision = rest.count > 1 ? rest[1] : "main"
    switch (request.head.method, rest.first) {
    case (.POST, "branch"): return makeBranch(name, revision)
    case (.DELETE, "branch"):
      behaviour.repositories[name]?.removeBranch(revision)
      return Answer(status: 200)
    default: break
    }
    guard let commit = repository.commit(revision), let files = repository.files(at: revision) else {
      return refusal(404, "RevisionNotFound", "Invalid rev id: \(revision)")
    }
    switch (request.head.method, rest.first) {
    case (.GET, nil), (.GET, "revision"): return list(name, commit, files, repository)
    case (.GET, "tree"): return tree(files)
    case (.POST, "preupload"): return preupload(files)
    case (.POST, "commit"): return makeCommit(name, revision, commit, files)
    default: return Answer(status: 404)
    }
  }

  private func list(
    _ name: String, _ commit: String, _ files: [String: HubRepository.File], _ repository: HubRepository
  ) -> Answer {
    if let list = behaviour.list { return json(list) }
    let hasHashes = behaviour.listsHashes && request.head.uri.contains("blobs=")
    let siblings = files.sorted { $0.key < $1.key }.map { path, file in
      var entry: JSONObject = ["rfilename": .string(path)]
      if hasHashes {
        entry["size"] = .int(file.contents.count)
        entry["blobId"] = .string(file.gitHash)
        if file.isLarge { entry["lfs"] = large(file, hash: "sha256") }
      }
      return JSONValue.object(entry)
    }
    return json([
      "_id": "0", "id": .string(name), "modelId": .string(name), "sha": .string(commit),
      "private": .bool(repository.isPrivate), "gated": .bool(repository.isGated),
      "siblings": .array(siblings),
      "tags": [], "downloads": 0, "likes": 0,
    ])
  }

  private func large(_ file: HubRepository.File, hash: String) -> JSONValue {
    .object([
      hash: .string(file.sha256), "size": .int(file.contents.count), "pointerSize": 130,
    ])
  }

  private func tree(_ files: [String: HubRepository.File]) -> Answer {
    json(
      .array(
        files.sorted { $0.key < $1.key }.map { path, file in
          var entry: JSONObject = [
            "type": "file", "path": .string(path), "size": .int(file.contents.count),
            "oid": .string(file.gitHash),
          ]
          if file.isLarge { entry["lfs"] = large(file, hash: "oid") }
          return .object(entry)
        }))
  }

  private func resolve(_ name: String, _ revision: String, _ path: String) -> Answer {
    if let refusal = refusal(of: name) { return refusal }
    guard let repository = behaviour.repositories[name] else { return Answer(status: 404) }
    if repository.isGated, !isKnown || behaviour.tokens.isEmpty {
      return refusal(
        isKnown && !behaviour.tokens.isEmpty ? 403 : 401, "GatedRepo",
        "Access to model \(name) is restricted.")
    }
    guard let commit = repository.commit(revision) else {
      return refusal(404, "RevisionNotFound", "Invalid rev id: \(revision)")
    }
    guard let file = repository.files(at: revision)?[path] else {
      var answer = refusal(404, "EntryNotFound", "Entry not found")
      answer.headers["X-Repo-Commit"] = commit
      return answer
    }
    guard file.isLarge else {
      var answer = Answer.file(file.contents, tag: "\"\(file.gitHash)\"", for: request.head)
      answer.headers["X-Repo-Commit"] = commit
      return answer
    }
    let location = "\(addresses.storage.absoluteString)/objects/\(file.sha256)?signature=secret"
    return Answer(
      status: 302,
      headers: [
        "X-Repo-Commit": commit, "X-Linked-Etag": "\"\(file.sha256)\"",
        "X-Linked-Size": "\(file.contents.count)", "Location": location,
      ])
  }

  /// Where large files are: nobody is asked who it is, and nobody may say it.
  private mutating func object() -> Answer {
    guard request.head.headers.first(name: "Authorization") == nil else { return Answer(status: 400) }
    guard steps.count >= 2 else { return Answer(status: 404) }
    switch request.head.method {
    case .PUT where steps.count == 2:
      guard "\(SHA256Sum(request.body))" == steps[1] else { return Answer(status: 400) }
      behaviour.objects[steps[1]] = request.body
      return Answer(status: 200)
    case .PUT where steps.count == 3:
      guard let part = Int(steps[2]) else { return Answer(status: 400) }
      behaviour.parts[steps[1], default: [:]][part] = request.body
      return Answer(status: 200, headers: ["ETag": "\"\(GitBlobSum(request.body))\""])
    case .GET, .HEAD:
      let stored = behaviour.repositories.values.lazy.flatMap(\.commits.values).flatMap(\.values)
      guard
        let contents = behaviour.objects[steps[1]] ?? stored.first(where: { $0.sha256 == steps[1] })?.contents
      else { return Answer(status: 404) }
      return Answer.file(contents, tag: "\"object\"", for: request.head)
    default: return Answer(status: 405)
    }
  }

  // MARK: Writing

  private mutating func create() -> Answer {
    guard isKnown, request.head.headers.first(name: "Authorization") != nil else {
      return Answer(status: 401, headers: ["X-Error-Message": "Invalid username or password."])
    }
    guard let name = body?["name"]?.asString, let owner = body?["organization"]?.asString else {
      return Answer(status: 400)
    }
    let id = "\(owner)/\(name)"
    let url: JSONValue = ["url": .string("\(addresses.hub.absoluteString)/\(id)"), "name": .string(id)]
    guard behaviour.repositories[id] == nil else { return json(url, 409) }
    var repository = HubRepository([
      ".gitattributes": .init(
        Data("*.safetensors filter=lfs diff=lfs merge=lfs -text\n".utf8), isLarge: false)
    ])
    repository.isPrivate = body?["visibility"]?.asString == "private" || body?["private"]?.asBool == true
    behaviour.repositories[id] = repository
    return json(url)
  }

  private mutating func makeBranch(_ name: String, _ branch: String) -> Answer {
    guard let repository = behaviour.repositories[name] else { return Answer(status: 404) }
    guard repository.branches[branch] == nil else { return Answer(status: 409) }
    guard let commit = repository.commit(body?["startingPoint"]?.asString ?? "main") else {
      return Answer(status: 404)
    }
    behaviour.repositories[name]?.makeBranch(branch, at: commit)
    return Answer(status: 201)
  }

  private func preupload(_ files: [String: HubRepository.File]) -> Answer {
    let answers = (body?["files"]?.asArray ?? []).map { file -> JSONValue in
      let path = file["path"]?.asString ?? ""
      let size = file["size"]?.asInt ?? 0
      let sample = Data(base64Encoded: file["sample"]?.asString ?? "") ?? Data()
      let isLarge = HubRepository.isLarge(path) || size > 10 << 20 || sample.contains(0)
      var answer: JSONObject = [
        "path": .string(path), "uploadMode": isLarge ? "lfs" : "regular", "shouldIgnore": false,
      ]
      if let there = files[path] { answer["oid"] = .string(there.hash) }
      return .object(answer)
    }
    return json(["files": .array(answers)])
  }

  private func largeFiles(_ name: String, _ rest: [String]) -> Answer {
    if let refusal = refusal(of: name) { return refusal }
    guard request.head.headers.first(name: "Authorization") != nil else { return Answer(status: 401) }
    switch rest {
    case ["info", "lfs", "objects", "batch"]:
      let objects = (body?["objects"]?.asArray ?? []).map { object -> JSONValue in
        actions(object["oid"]?.asString ?? "", object["size"]?.asInt ?? 0, name)
      }
      return json(["transfer": behaviour.partSize == nil ? "basic" : "multipart", "objects": .array(objects)])
    case ["info", "lfs", "objects", "verify"]:
      guard let hash = body?["oid"]?.asString, let size = body?["size"]?.asInt,
        behaviour.objects[hash]?.count == size
      else { return Answer(status: 404) }
      return json([:])
    default: return Answer(status: 404)
    }
  }

  private func actions(_ hash: String, _ size: Int, _ name: String) -> JSONValue {
    var object: JSONObject = ["oid": .string(hash), "size": .int(size), "authenticated": true]
    guard behaviour.objects[hash] == nil else { return .object(object) }
    let (hub, storage) = (addresses.hub.absoluteString, addresses.storage.absoluteString)
    var upload: JSONObject = ["href": .string("\(storage)/objects/\(hash)?signature=secret")]
    if let partSize = behaviour.partSize, size > partSize {
      var header: JSONObject = ["chunk_size": .string("\(partSize)")]
      for part in 1...((size + partSize - 1) / partSize) {
        header["\(part)"] = .string("\(storage)/objects/\(hash)/\(part)?signature=secret")
      }
      upload = ["href": .string("\(hub)/complete/\(hash)"), "header": .object(header)]
    }
    let verify: JSONValue = ["href": .string("\(hub)/\(name).git/info/lfs/objects/verify")]
    object["actions"] = ["upload": .object(upload), "verify": verify]
    return .object(object)
  }

  /// Joins the parts of a large file.
  private mutating func complete() -> Answer {
    guard steps.count == 2, let parts = behaviour.parts[steps[1]],
      body?["oid"]?.asString == steps[1], let tags = body?["parts"]?.asArray, tags.count == parts.count
    else { return Answer(status: 400) }
    for (index, tag) in tags.enumerated() {
      guard tag["partNumber"]?.asInt == index + 1, let part = parts[index + 1],
        tag["etag"]?.asString == "\"\(GitBlobSum(part))\""
      else { return Answer(status: 400) }
    }
    let contents = parts.sorted { $0.key < $1.key }.reduce(into: Data()) { $0.append($1.value) }
    guard "\(SHA256Sum(contents))" == steps[1] else { return Answer(status: 400) }
    behaviour.objects[steps[1]] = contents
    behaviour.parts[steps[1]] = nil
    return json([:])
  }

  private mutating func makeCommit(
    _ name: String, _ branch: String, _ parent: String, _ files: [String: HubRepository.File]
  ) -> Answer {
    guard request.head.headers.first(name: "Authorization") != nil else { return Answer(status: 401) }
    var files = files
    for line in request.body.split(separator: UInt8(ascii: "\n")) {
      guard let item = try? JSONValue(parsing: line, file: "line"), let value = item["value"] else {
        return json(["error": "not NDJSON"], 400)
      }
      let path = value["path"]?.asString ?? ""
      switch item["key"]?.asString {
      case "header":
        if let given = value["parentCommit"]?.asString, given != parent {
          return json(["error": "A commit has happened since. Please refresh and try again."], 412)
        }
      case "file":
        guard let contents = Data(base64Encoded: value["content"]?.asString ?? "-") else {
          return json(["error": "not Base64"], 400)
        }
        files[path] = .init(contents, isLarge: false)
      case "lfsFile":
        guard let hash = value["oid"]?.asString, let contents = behaviour.objects[hash] else {
          return json(["error": "the object was never uploaded"], 400)
        }
        files[path] = .init(contents, isLarge: true)
      case "deletedFile":
        guard files.removeValue(forKey: path) != nil else { return json(["error": "no such file"], 404) }
      default: return json(["error": "unknown operation"], 400)
      }
    }
    let commit = behaviour.repositories[name]?.commit(files, to: branch) ?? ""
    return json([
      "success": true, "commitOid": .string(commit), "hookOutput": "",
      "commitUrl": .string("\(addresses.hub.absoluteString)/\(name)/commit/\(commit)"),
    ])
  }

  // MARK: For who compares

  /// All repositories' branches, with the hashes of their files.
  private var state: JSONValue {
    .object(
      JSONObject(
        behaviour.repositories.sorted { $0.key < $1.key }.map { name, repository in
          let branches = repository.branches.sorted { $0.key < $1.key }.map { branch, commit in
            let files = (repository.commits[commit] ?? [:]).sorted { $0.key < $1.key }.map { path, file in
              (path, JSONValue.string((file.isLarge ? "sha256:" : "git:") + file.hash))
            }
            return (branch, JSONValue.object(JSONObject(files)))
          }
          return (name, JSONValue.object(JSONObject(branches)))
        }))
  }
}
