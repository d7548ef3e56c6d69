public import VignetteHub
public import Foundation
import VignetteFiles

/// Brings a data set's zip files into a folder, checked and unpacked.
///
/// Each zip file is fetched with resumption, read whole and compared with its checksums, unpacked, and removed once its
/// contents are on the disk. What is there already is left alone, so a download that was interrupted anywhere, by a power
/// cut too, goes on when it is started again.
public struct DatasetDownload: Sendable {
  /// Where a download stands.
  public struct Progress: Sendable, Equatable {
    public enum Stage: Sendable, Equatable { case fetching, verifying, unpacking, done }

    public let archive: String
    public let stage: Stage
    public let bytes: Int
    /// Of so many; nil while the server hasn't told.
    public let total: Int?
  }

  public let archives: [DatasetSource.Archive]
  public let folder: URL
  /// Whether the zip files stay beside what was unpacked.
  public var keepsArchives = false
  /// The pause after a failed request; each further one is twice as long.
  public var pause: Duration = .seconds(1)
  /// Makes durable what is in folders; a test's can refuse.
  package var flush: @Sendable (Set<URL>) throws -> Void = { try FileSystemSync.flush($0) }

  /// The zip files that aren't unpacked.
  public var missing: [DatasetSource.Archive] { archives.filter { !isUnpacked($0) } }

  public init(_ source: DatasetSource, to folder: URL) {
    self.init(source.archives, to: folder)
  }

  public init(_ archives: [DatasetSource.Archive], to folder: URL) {
    self.archives = archives
    self.folder = folder
  }

  /// Fetches what is missing.
  ///
  /// - Throws: ``DownloadError``, ``ZipError``, `MalformedFileError`, what the file system refuses, `CancellationError`.
  public func run(using client: some Fetching, progress: (Progress) -> Void = { _ in }) async throws {
    try FolderMaker.make(folder)
    for archive in archives {
      if !isUnpacked(archive) {
        let zip = try await fetch(archive, client, progress)
        let target = archive.subfolder.isEmpty ? folder : folder.appendingPathComponent(archive.subfolder)
        let file = try ZipFile(at: zip)
        let folders = try file.unpack(to: target) {
          progress(Progress(archive: archive.name, stage: .unpacking, bytes: $0, total: file.byteCount))
        }
        // A power cut must not leave the marker, or no zip file, with images that never reached the disk.
        try flush(folders)
        try AtomicFile.write(Data(), to: marker(of: archive))
        if !keepsArchives { try FileManager.default.removeItem(at: zip) }
      }
      progress(
        Progress(archive: archive.name, stage: .done, bytes: archive.byteCount, total: archive.byteCount))
    }
  }

  /// Where the zip file of `archive` is once it is whole and checked.
  func zip(of archive: DatasetSource.Archive) -> URL { folder.appendingPathComponent(archive.name) }

  /// Whether there is nothing left to do for `archive`.
  func isUnpacked(_ archive: DatasetSource.Archive) -> Bool {
    FileManager.default.fileExists(atPath: marker(of: archive).path)
  }

  private func marker(of archive: DatasetSource.Archive) -> URL {
    folder.appendingPathComponent(".\(archive.name).unpacked")
  }

  /// The zip file of `archive`, whole and checked.
  private func fetch(
    _ archive: DatasetSource.Archive, _ client: some Fetching, _ progress: (Progress) -> Void
  ) async throws -> URL {
    let zip = zip(of: archive)
    // Only a file that was checked bears the name.
    if FileManager.default.fileExists(atPath: zip.path) { return zip }
    var download = FileDownload(archive.url, to: zip)
    download.pause = pause
    try await download.fetch(using: client) {
      progress(Progress(archive: archive.name, stage: .fetching, bytes: $0, total: $1))
    }
    do {
      let file = try ZipFile(at: download.part)
      try file.verify {
        progress(Progress(archive: archive.name, stage: .verifying, bytes: $0, total: file.byteCount))
      }
    } catch let error where error is ZipError || error is MalformedFileError {
      // Resuming would keep the damage.
      try? FileManager.default.removeItem(at: download.part)
      throw DownloadError.badResponse(
        url: archive.url.absoluteString,
        problem: "what arrived is damaged and was removed (\(error)); run the command again to fetch it anew")
    }
    try FileManager.default.moveItem(at: download.part, to: zip)
    return zip
  }
}
