package import Foundation
import VignetteFiles
package import VignetteHub

/// Brings a data set's zip files into a folder, checked and unpacked.
///
/// Each zip file is fetched with resumption, read whole and compared with its checksums, unpacked, and removed once its
/// contents are on the disk. What is there already is left alone, so a download that was interrupted anywhere, by a power
/// cut too, goes on when it is started again.
package struct DatasetDownload: Sendable {
  /// Where a download stands.
  package struct Progress: Sendable, Equatable {
    package enum Stage: Sendable, Equatable { case fetching, verifying, unpacking, done }

    package let archive: String
    package let stage: Stage
    package let bytes: Int
    /// Of so many; nil while the server hasn't said.
    package let total: Int?
  }

  package let archives: [DatasetSource.Archive]
  package let folder: URL
  /// Whether the zip files stay beside what was unpacked.
  package var keepsArchives = false
  /// The pause after a failed request; each further one is twice as long.
  package var pause: Duration = .seconds(1)
  /// Makes durable what is in folders; a test's can refuse.
  package var flush: @Sendable (Set<URL>) throws -> Void = { try FileSystemSync.flush($0) }

  /// The zip files that aren't unpacked.
  package var missing: [DatasetSource.Archive] { archives.filter { !isUnpacked($0) } }

  package init(_ source: DatasetSource, to folder: URL) {
    self.init(source.archives, to: folder)
  }

  package init(_ archives: [DatasetSource.Archive], to folder: URL) {
    self.archives = archives
    self.folder = folder
  }

  /// Fetches what is missing.
  ///
  /// - Throws: ``HubError``, ``DatasetError``, `FileError`, what the file system refuses, `CancellationError`.
  package func run(using client: some Fetching, progress: (Progress) -> Void = { _ in }) async throws {
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
        if !keepsArchives { try FileSystem.remove(zip) }
      }
      progress(
        Progress(archive: archive.name, stage: .done, bytes: archive.byteCount, total: archive.byteCount))
    }
  }

  /// Where the zip file of `archive` is once it is whole and checked.
  func zip(of archive: DatasetSource.Archive) -> URL { folder.appendingPathComponent(archive.name) }

  /// Whether there is nothing left to do for `archive`.
  func isUnpacked(_ archive: DatasetSource.Archive) -> Bool {
    FileSystem.exists(marker(of: archive))
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
    if FileSystem.exists(zip) { return zip }
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
    } catch let error where error is DatasetError || error is FileError {
      // Resuming would keep the damage.
      try? FileSystem.remove(download.part)
      throw HubError.badResponse(
        url: archive.url.absoluteString,
        problem: "what arrived is damaged and was removed (\(error)); run the command again to fetch it anew")
    }
    try FileSystem.move(download.part, to: zip)
    return zip
  }
}

extension DatasetDownload {
  /// About the most bytes that the rest of the download will take at any one time.
  ///
  /// A zip file and its contents are there together until the contents are whole.
  package var neededByteCount: Int {
    var (taken, most) = (0, 0)
    for archive in missing {
      taken += archive.byteCount - min(arrivedByteCount(archive), archive.byteCount)
      taken += archive.unpackedByteCount
      most = max(most, taken)
      if !keepsArchives { taken -= archive.byteCount }
    }
    return most
  }

  /// Compares ``neededByteCount`` with what the disk has.
  ///
  /// - Parameter available: free bytes; nil asks the file system that ``folder`` is on, or will be.
  /// - Throws: ``DatasetError/noSpace(folder:needed:available:)``.
  package func checkSpace(available: Int? = nil) throws {
    let needed = neededByteCount
    let available = try available ?? DiskSpace.available(near: folder)
    guard needed <= available else {
      throw DatasetError.noSpace(folder: folder.path, needed: needed, available: available)
    }
  }

  /// What has arrived of a zip file.
  private func arrivedByteCount(_ archive: DatasetSource.Archive) -> Int {
    let zip = zip(of: archive)
    for path in [zip.path, FileDownload(archive.url, to: zip).part.path] {
      if let status = FileSystem.status(of: path) { return Int(status.st_size) }
    }
    return 0
  }
}
