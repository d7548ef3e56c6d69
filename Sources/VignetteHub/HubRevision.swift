import Foundation
import VignetteFiles

/// What a repository on the hub holds at one commit.
package struct HubRevision: Sendable {
  package let name: HubModelName
  /// 40 hexadecimal digits.
  package let commit: String
  package let isPrivate: Bool
  package let files: [HubFile]

  /// Asks the hub.
  ///
  /// - Throws: ``HubError``, `JSONError` for a list that makes no sense.
  init(of name: HubModelName, at hub: HubConnection) async throws {
    let revision = HubConnection.encoded(name.revision)
    let url = try hub.url("api/models/\(name.repository)/revision/\(revision)?blobs=true")
    try self.init(name, try await hub.json(FetchRequest(.get, url), about: name))
  }

  init(_ name: HubModelName, _ json: JSONField) throws {
    self.name = name
    commit = try json["sha"].value()
    guard ContentHash.isHexadecimal(commit, count: 40) else {
      throw json["sha"].mismatch(expected: "the 40 hexadecimal digits of a commit")
    }
    isPrivate = try json["private"].value(default: false)
    files = try json["siblings"].elements().map { try HubFile($0) }
  }

  subscript(file: String) -> HubFile? { files.first { $0.name == file } }
}

/// A file of a repository on the hub.
package struct HubFile: Sendable, Equatable {
  /// Its path in the repository.
  package let name: String
  /// Nil where the list doesn't say.
  package var byteCount: Int?
  /// Nil where the list doesn't say.
  package var hash: ContentHash?
  /// The hash that git knows the file by, which for a large one is that of the note in its place.
  let gitHash: String?

  /// No file is larger: sixteen terabytes.
  static let maximumByteCount = 1 << 44

  init(_ json: JSONField) throws {
    name = try json["rfilename"].value()
    guard Self.isSafe(name) else {
      throw json["rfilename"].mismatch(expected: "a path inside the repository")
    }
    gitHash = try json["blobId"].optional()
    let lfs = json["lfs"]
    if lfs.isPresent {
      hash = try .sha256(lfs["sha256"].value())
      byteCount = try lfs["size"].optional() ?? json["size"].optional()
    } else {
      hash = gitHash.map { .git($0) }
      byteCount = try json["size"].optional()
    }
    if let hash, !hash.isWellFormed { throw json.error("\(Excerpt(hash.digits)) is no hash") }
    if let byteCount, !(0...Self.maximumByteCount).contains(byteCount) {
      throw json["size"].mismatch(expected: "a size")
    }
  }

  /// Whether a path stays inside the folder that it is put into, on any system.
  static func isSafe(_ path: String) -> Bool {
    let steps = FileName.parts(path, separators: ["/", "\\"])
    return path.utf8.count <= 1024
      && steps.allSatisfy { step in
        !step.isEmpty && step != "." && step != ".." && step.utf8.count <= 255
          && step.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
      }
  }
}

/// What a file's contents are known and checked by; the cache names them so, too.
package enum ContentHash: Sendable, Hashable {
  /// Large files': 64 digits.
  case sha256(String)
  /// Other files': 40 digits.
  case git(String)

  /// What a server's entity tag says; nil for another one.
  init?(entityTag: String) {
    let tag = entityTag.hasPrefix("W/") ? entityTag.dropFirst(2) : entityTag[...]
    let digits = String(tag.drop { $0 == "\"" }.prefix { $0 != "\"" })
    let hash = digits.utf8.count == 64 ? Self.sha256(digits) : .git(digits)
    guard hash.isWellFormed else { return nil }
    self = hash
  }

  /// In lower case.
  package var digits: String {
    switch self {
    case .sha256(let digits), .git(let digits): digits
    }
  }

  var isWellFormed: Bool {
    switch self {
    case .sha256(let digits): Self.isHexadecimal(digits, count: 64)
    case .git(let digits): Self.isHexadecimal(digits, count: 40)
    }
  }

  static func isHexadecimal(_ text: String, count: Int) -> Bool {
    text.utf8.count == count
      && text.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }

  /// The hash of the same kind of a file's contents.
  func digits(ofFileAt url: URL) throws -> String {
    switch self {
    case .sha256: try SHA256Sum(contentsOf: url).description
    case .git: try GitBlobSum(contentsOf: url).description
    }
  }
}
