import Foundation
import VignetteFiles

/// Uploads large files as Git LFS does: the hub says which of them it lacks and where they go, in one piece or in parts.
struct LargeFileUpload: Sendable {
  /// How many files the hub is asked about at a time.
  static let batchSize = 256
  private static let type = "application/vnd.git-lfs+json"

  private let name: HubModelName
  private let ref: String
  private let hub: HubConnection

  init(_ name: HubModelName, ref: String, at hub: HubConnection) {
    self.name = name
    self.ref = ref
    self.hub = hub
  }

  /// Uploads what the hub lacks.
  ///
  /// - Throws: ``HubError``, `JSONError`, `FileError`, `SystemError`, `CancellationError`.
  func run(_ files: [PushedFile], progress: @escaping @Sendable (HubPush.Progress) -> Void) async throws {
    var uploads: [(file: PushedFile, actions: JSONField)] = []
    for start in stride(from: 0, to: files.count, by: Self.batchSize) {
      uploads += try await batch(Array(files[start..<min(files.count, start + Self.batchSize)]))
    }
    progress(.uploading(total: uploads.reduce(0) { $0 + $1.file.byteCount }))
    var done = 0
    for (file, actions) in uploads {
      try await upload(file, actions) { [done] in progress(.uploaded(byteCount: done + $0)) }
      done += file.byteCount
    }
  }

  /// The files that the hub lacks, and what it wants done with each.
  private func batch(_ files: [PushedFile]) async throws -> [(file: PushedFile, actions: JSONField)] {
    let body: JSONValue = [
      "operation": "upload", "transfers": ["basic", "multipart"], "hash_algo": "sha256",
      "ref": ["name": .string(ref)],
      "objects": .array(files.map { ["oid": .string($0.sha256), "size": .int($0.byteCount)] }),
    ]
    let url = try hub.url("\(name.repository).git/info/lfs/objects/batch")
    let answer = try await hub.json(.json(.post, url, body, type: Self.type), about: name)
    var objects: [String: JSONField] = [:]
    for object in try answer["objects"].elements() {
      if object["error"].isPresent {
        throw HubError.unusable(
          name, problem: "can't be uploaded: \(try object["error"]["message"].value(default: "refused"))")
      }
      objects[try object["oid"].value()] = object["actions"]
    }
    // Two names may have the same contents.
    var seen: Set<String> = []
    return try files.compactMap { file in
      guard let actions = objects[file.sha256] else {
        throw answer["objects"].error("says nothing about \(file.path)")
      }
      return actions.isPresent && seen.insert(file.sha256).inserted ? (file, actions) : nil
    }
  }

  private func upload(
    _ file: PushedFile, _ actions: JSONField, _ progress: @escaping @Sendable (Int) -> Void
  ) async throws {
    let header = actions["upload"]["header"]
    let target = try address(actions["upload"])
    if header["chunk_size"].isPresent {
      try await uploadParts(file, header, completingAt: target, progress)
    } else {
      var headers = ["Content-Type": "application/octet-stream"]
      for (name, value) in header.isPresent ? try header.members() : [] { headers[name] = try value.value() }
      let body = FetchRequest.Body.file(file.url, 0..<file.byteCount, sent: progress)
      _ = try await hub.answer(to: FetchRequest(.put, target, headers: headers, body: body), about: name)
    }
    guard actions["verify"].isPresent else { return }
    let verification: JSONValue = ["oid": .string(file.sha256), "size": .int(file.byteCount)]
    let request = FetchRequest.json(.post, try address(actions["verify"]), verification, type: Self.type)
    _ = try await hub.answer(to: request, about: name)
  }

  private func uploadParts(
    _ file: PushedFile, _ header: JSONField, completingAt target: URL,
    _ progress: @escaping @Sendable (Int) -> Void
  ) async throws {
    // A number, or one in a string.
    let text: String? = try? header["chunk_size"].value()
    let number: Int? = try? header["chunk_size"].value()
    guard let size = text.flatMap({ Int($0) }) ?? number, size > 0 else {
      throw header["chunk_size"].mismatch(expected: "a size")
    }
    let addresses = try header.members().compactMap { name, value in
      try Int(name).map { ($0, try value.value(as: String.self)) }
    }.sorted { $0.0 < $1.0 }
    guard addresses.count == (file.byteCount + size - 1) / size else {
      throw header.error("\(addresses.count) parts of \(size) bytes don't make \(file.byteCount)")
    }
    var parts: [JSONValue] = []
    for (index, (_, text)) in addresses.enumerated() {
      let range = index * size..<min(file.byteCount, (index + 1) * size)
      let body = FetchRequest.Body.file(file.url, range) { progress(range.lowerBound + $0) }
      let url = try address(text, header)
      let response = try await hub.answer(to: FetchRequest(.put, url, body: body), about: name)
      guard let tag = response["ETag"], !tag.isEmpty else {
        throw HubError.badResponse(url: target.absoluteString, problem: "a part of \(file.path) got no ETag")
      }
      parts.append(["partNumber": .int(index + 1), "etag": .string(tag)])
    }
    let completion: JSONValue = ["oid": .string(file.sha256), "parts": .array(parts)]
    _ = try await hub.answer(to: .json(.post, target, completion, type: Self.type), about: name)
  }

  private func address(_ action: JSONField) throws -> URL {
    try address(action["href"].value(), action["href"])
  }

  /// An address that the hub gives, which a mirror may give as the public hub's.
  private func address(_ text: String, _ field: JSONField) throws -> URL {
    let isPublics =
      text.hasPrefix(HubSettings.publicEndpoint + "/") && hub.endpoint != HubSettings.publicEndpoint
    let text = isPublics ? hub.endpoint + text.dropFirst(HubSettings.publicEndpoint.count) : text
    guard let url = URL(string: text), Origin(url) != nil else {
      throw field.mismatch(expected: "an address")
    }
    return url
  }
}
