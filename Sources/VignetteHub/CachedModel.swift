package import Foundation
import VignetteFiles

/// A commit of a model in Hugging Face's cache.
package struct CachedModel: Sendable {
  /// `OWNER/NAME`.
  package let repository: String
  package let commit: String
  /// The branches and tags that meant it when they were last fetched, sorted.
  package let revisions: [String]
  package let folder: URL
  /// The size of its files, those too that other commits share.
  package let byteCount: Int
  /// When one of its files was last read, as far as the file system notes that; nil for a commit without files.
  package let lastUsed: Date?
}

extension HubCache {
  /// The models that are there, by name; a commit that came without files counts, too.
  ///
  /// - Throws: `SystemError` for a folder that can't be read; a cache that isn't there is empty.
  package func models() throws -> [CachedModel] {
    guard FileSystem.exists(url) else { return [] }
    return try FileName.list(url.path).filter { $0.hasPrefix(CachedRepository.prefix) }.sorted()
      .flatMap { folder in try CachedRepository(folder: folder, in: self).models(named: folder) }
  }
}

extension CachedRepository {
  static let prefix = "models--"

  fileprivate func models(named folder: String) throws -> [CachedModel] {
    let name = folder.dropFirst(Self.prefix.count).replacing("--", with: "/")
    let revisions = try readReferences()
    return try commits().map { commit in
      let statuses = try files(of: commit).compactMap { FileSystem.status(of: $0.path) }
      return CachedModel(
        repository: String(name), commit: commit,
        revisions: revisions.filter { $0.value == commit }.keys.sorted(), folder: snapshot(commit),
        byteCount: statuses.reduce(0) { $0 + Int($1.st_size) },
        lastUsed: statuses.map { max(FileSystem.read($0), FileSystem.changed($0)) }.max().map {
          Date(timeIntervalSince1970: $0)
        })
    }
  }

  /// The commits of which there are files, sorted.
  func commits() throws -> [String] {
    guard FileSystem.isFolder(snapshots) else { return [] }
    return try FileName.list(snapshots.path).filter { FileSystem.isFolder(snapshot($0)) }.sorted()
  }

  /// What branches and tags mean.
  func readReferences() throws -> [String: String] {
    guard FileSystem.isFolder(references) else { return [:] }
    let pairs = try Self.contents(of: references).compactMap { file in
      Self.commit(at: file.url).map { (file.path, $0) }
    }
    return Dictionary(pairs) { first, _ in first }
  }

  /// The files of a commit, which are links as a rule.
  func files(of commit: String) throws -> [URL] {
    try Self.contents(of: snapshot(commit)).map(\.url)
  }

  /// The blobs that a commit uses.
  func blobs(of commit: String) throws -> Set<String> {
    Set(
      try files(of: commit).compactMap { file in
        guard let target = FileSystem.linkTarget(file) else { return nil }
        let steps = target.split(separator: "/").suffix(2)
        return steps.first == "blobs" ? steps.last.map(String.init) : nil
      })
  }

  /// What is in a folder and below that isn't a folder.
  private static func contents(of folder: URL) throws -> [(path: String, url: URL)] {
    try FileName.list(folder.path).sorted().flatMap { name -> [(path: String, url: URL)] in
      let item = folder.appendingPathComponent(name)
      guard FileSystem.kind(of: item.path, followingLinks: false) == S_IFDIR else {
        return [(name, item)]
      }
      return try contents(of: item).map { ("\(name)/\($0.path)", $0.url) }
    }
  }
}
