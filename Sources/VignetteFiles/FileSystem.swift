package import Foundation

/// The system's calls on names as ``FileName`` spells them.
///
/// Foundation takes every name for UTF-8, so nothing else in the package opens, looks at, makes, moves or removes what is
/// at a path.
package enum FileSystem {
  /// A file descriptor; negative, with `errno`, where there is none.
  package static func open(_ path: String, _ flags: CInt, mode: mode_t = 0o666) -> CInt {
    FileName.withSystemPath(path) { Foundation.open($0, flags | O_CLOEXEC, mode) }
  }

  /// What the system knows of what is at `path`; nil, with `errno`, where it doesn't say.
  package static func status(of path: String, followingLinks: Bool = true) -> stat? {
    var status = stat()
    let result = FileName.withSystemPath(path) { followingLinks ? stat($0, &status) : lstat($0, &status) }
    return result == 0 ? status : nil
  }

  /// A type of `stat`'s, such as `S_IFREG`.
  package static func kind(of path: String, followingLinks: Bool = true) -> mode_t? {
    status(of: path, followingLinks: followingLinks).map { $0.st_mode & S_IFMT }
  }

  /// When a file's contents were last changed, in seconds since 1970.
  package static func changed(_ status: stat) -> Double {
    #if os(Linux)
      let time = status.st_mtim
    #else
      let time = status.st_mtimespec
    #endif
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// When a file was last read, as far as the file system notes that, in seconds since 1970.
  package static func read(_ status: stat) -> Double {
    #if os(Linux)
      let time = status.st_atim
    #else
      let time = status.st_atimespec
    #endif
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// How many bytes a file has; nil where there is none.
  package static func byteCount(of path: String) -> Int? { status(of: path).map { Int($0.st_size) } }

  package static func exists(_ url: URL) -> Bool { kind(of: url.path) != nil }

  package static func isFolder(_ url: URL) -> Bool { kind(of: url.path) == S_IFDIR }

  /// All bytes of a file.
  ///
  /// - Throws: `SystemError`, `FileError`.
  package static func data(_ url: URL) throws -> Data {
    let file = try MappedFile(at: url)
    return file.withUnsafeBytes(0..<file.count) { Data($0) }
  }

  /// Makes one folder; false, with `errno`, where it can't.
  static func makeFolder(_ path: String) -> Bool { FileName.withSystemPath(path) { mkdir($0, 0o777) } == 0 }

  /// Removes the name of a file; false, with `errno`, where it can't.
  package static func unlink(_ path: String) -> Bool {
    FileName.withSystemPath(path) { Foundation.unlink($0) } == 0
  }

  /// Gives a file or folder another name, which it takes from what had it; false, with `errno`, where it can't.
  static func rename(_ path: String, to other: String) -> Bool {
    FileName.withSystemPath(path) { path in
      FileName.withSystemPath(other) { Foundation.rename(path, $0) }
    } == 0
  }

  /// Gives a file or folder another name.
  ///
  /// - Throws: `SystemError`.
  package static func move(_ url: URL, to other: URL) throws {
    guard rename(url.path, to: other.path) else { throw SystemError("move", url.path) }
  }

  /// Makes a symbolic link at `url` that says `target`; false, with `errno`, where it can't.
  package static func link(_ url: URL, to target: String) -> Bool {
    FileName.withSystemPath(target) { target in
      FileName.withSystemPath(url.path) { symlink(target, $0) }
    } == 0
  }

  /// What the symbolic link at `url` says; nil, with `errno`, where there is none.
  package static func linkTarget(_ url: URL) -> String? {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = FileName.withSystemPath(url.path) { readlink($0, &bytes, bytes.count) }
    return count < 0 ? nil : FileName.string(bytes[..<count].map { UInt8(bitPattern: $0) })
  }

  /// Removes a file, or a folder with all that is in it.
  ///
  /// - Throws: `SystemError`.
  package static func remove(_ url: URL) throws { try remove(url.path) }

  private static func remove(_ path: String) throws {
    guard kind(of: path, followingLinks: false) == S_IFDIR else {
      guard unlink(path) else { throw SystemError("remove", path) }
      return
    }
    for name in try FileName.list(path) { try remove("\(path)/\(name)") }
    guard FileName.withSystemPath(path, { rmdir($0) }) == 0 else { throw SystemError("remove", path) }
  }

  /// Where links lead from `url` in the end.
  package static func resolvingLinks(_ url: URL) -> URL {
    let path = url.path
    guard FileName.hasEscapes(path) else { return url.resolvingSymlinksInPath() }
    guard let resolved = FileName.withSystemPath(path, { realpath($0, nil) }) else { return url }
    defer { free(resolved) }
    return URL(fileURLWithPath: FileName.string(of: resolved))
  }
}
