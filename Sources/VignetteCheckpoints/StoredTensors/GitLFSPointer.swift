import VignetteFiles

/// What Git leaves in the place of a large file whose contents weren't fetched.
enum GitLFSPointer {
  /// Throws if `file` is such a pointer.
  static func refuse(_ file: MappedFile) throws {
    guard file.count < 1024, file.bytes.starts(with: "version https://git-lfs".utf8) else { return }
    throw MalformedFileError(
      file.path, "is a Git LFS pointer and not the weights themselves; fetch them with `git lfs pull`")
  }
}
