package import Foundation
import VignetteCheckpoints
import VignetteFiles

/// A model's folder in Hugging Face's cache, laid out as `huggingface_hub` does:
///
///     models--OWNER--NAME/blobs/HASH               the contents of files
///                         blobs/HASH.incomplete    what has arrived of one
///                         snapshots/COMMIT/FILE    links to blobs
///                         refs/REVISION            the commit that a branch or tag meant last
///                         .no_exist/COMMIT/FILE    files that a commit is known not to have
///                         trees/COMMIT.json        the list of files that a commit has
///     .locks/models--OWNER--NAME/HASH.lock         held by who writes a blob
package struct CachedRepository: Sendable {
  package let url: URL
  private let cache: HubCache
  private let locks: URL

  package init(_ name: HubModelName, in cache: HubCache) { self.init(folder: name.cacheFolder, in: cache) }

  init(folder: String, in cache: HubCache) {
    self.cache = cache
    url = cache.url.appendingPathComponent(folder, isDirectory: true)
    locks = cache.url.appendingPathComponent(".locks", isDirectory: true)
      .appendingPathComponent(folder, isDirectory: true)
  }

  var blobs: URL { url.appendingPathComponent("blobs", isDirectory: true) }
  var references: URL { url.appendingPathComponent("refs", isDirectory: true) }
  var snapshots: URL { url.appendingPathComponent("snapshots", isDirectory: true) }
  var locksFolder: URL { locks }

  package func blob(_ hash: String) -> URL { blobs.appendingPathComponent(hash) }
  func unfinishedBlob(_ hash: String) -> URL { blobs.appendingPathComponent("\(hash).incomplete") }
  func snapshot(_ commit: String) -> URL { snapshots.appendingPathComponent(commit, isDirectory: true) }
  func absences(_ commit: String) -> URL {
    url.appendingPathComponent(".no_exist", isDirectory: true)
      .appendingPathComponent(commit, isDirectory: true)
  }
  func tree(_ commit: String) -> URL {
    url.appendingPathComponent("trees", isDirectory: true).appendingPathComponent("\(commit).json")
  }
  func reference(_ revision: String) -> URL { references.appendingPathComponent(revision) }
  package func lock(_ hash: String) -> URL { locks.appendingPathComponent("\(hash).lock") }

  /// The commit that a branch or tag meant when it was last fetched.
  func commit(of revision: String) -> String? { Self.commit(at: reference(revision)) }

  static func commit(at reference: URL) -> String? {
    guard let text = try? TextFile.read(reference) else { return nil }
    let commit = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return !commit.isEmpty && commit.allSatisfy(\.isHexDigit) ? commit : nil
  }

  /// How many bytes of a file are there whole; nil where it isn't.
  func size(of file: String, at commit: String) -> Int? {
    Self.size(snapshot(commit).appendingPathComponent(file))
  }

  static func size(_ url: URL) -> Int? {
    guard let status = FileSystem.status(of: url.path), status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  // MARK: Writing

  /// The tag that keeps caches out of backups (bford.info/cachedir).
  func tagCache() throws {
    let tag = cache.url.appendingPathComponent("CACHEDIR.TAG")
    guard !FileSystem.exists(tag) else { return }
    let text = """
      Signature: 8a477f597d28d172789f06886806bc55
      # This folder is a cache: what is in it can be fetched again.

      """
    try AtomicFile.write(Data(text.utf8), to: tag)
  }

  /// Gives a blob its name in a snapshot.
  ///
  /// - Throws: `SystemError`.
  func link(_ hash: String, as file: String, at commit: String) throws {
    let pointer = snapshot(commit).appendingPathComponent(file)
    try FolderMaker.make(pointer.deletingLastPathComponent())
    let depth = file.utf8.count { $0 == UInt8(ascii: "/") }
    let target = String(repeating: "../", count: depth + 2) + "blobs/\(hash)"
    if FileSystem.linkTarget(pointer) == target { return }
    let temporary = TemporaryName.beside(url.appendingPathComponent("link"))
    if FileSystem.link(temporary, to: target) {
      try FileSystem.move(temporary, to: pointer)
    } else {
      // A file system without links has the contents there themselves, as huggingface_hub leaves them.
      guard [EPERM, ENOTSUP, ENOSYS].contains(errno) else { throw SystemError("link", pointer.path) }
      try FileSystem.move(blob(hash), to: pointer)
    }
  }

  /// Notes what a branch or tag means.
  ///
  /// A process that is killed meanwhile leaves nothing among the references that isn't one.
  func setReference(_ revision: String, to commit: String) throws {
    let reference = reference(revision)
    if self.commit(of: revision) == commit { return }
    try FolderMaker.make(reference.deletingLastPathComponent())
    let temporary = TemporaryName.beside(url.appendingPathComponent("ref"))
    try AtomicFile.write(Data(commit.utf8), to: temporary)
    try FileSystem.move(temporary, to: reference)
  }

  /// Notes which files a commit is known not to have.
  func setAbsent(_ files: [String], at commit: String) throws {
    guard !files.isEmpty else { return }
    try FolderMaker.make(absences(commit))
    for file in files {
      let marker = absences(commit).appendingPathComponent(file)
      if !FileSystem.exists(marker) { try AtomicFile.write(Data(), to: marker) }
    }
  }

  /// Notes what a commit has, so that what is missing of it is known without asking.
  func setTree(_ revision: HubRevision) throws {
    let tree = tree(revision.commit)
    guard !FileSystem.exists(tree) else { return }
    var files = JSONObject()
    for file in revision.files.sorted(by: {
      $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars)
    }) {
      guard let size = file.byteCount, let gitHash = file.gitHash else { return }
      var entry: JSONObject = ["size": .int(size), "blob_id": .string(gitHash)]
      if case .sha256(let digits)? = file.hash {
        entry["lfs_sha256"] = .string(digits)
        entry["lfs_size"] = .int(size)
      }
      files[file.name] = .object(entry)
    }
    let document: JSONValue = ["format_version": 1, "files": .object(files)]
    try FolderMaker.make(tree.deletingLastPathComponent())
    let format = JSONFormat(indent: 1, sortsKeys: false, escapesNonASCII: true)
    try AtomicFile.write(Data(document.text(format).utf8), to: tree)
  }
}
