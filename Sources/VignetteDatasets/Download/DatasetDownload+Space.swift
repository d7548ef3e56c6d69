import VignetteHub
import Foundation
import VignetteFiles

extension DatasetDownload {
  /// About the most bytes that the rest of the download will take at any one time.
  ///
  /// A zip file and its contents are there together until the contents are whole.
  public var neededByteCount: Int {
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
  /// - Throws: ``DownloadError/noSpace(folder:needed:available:)``.
  public func checkSpace(available: Int? = nil) throws {
    let needed = neededByteCount
    let available = try available ?? Self.freeByteCount(near: folder)
    guard needed <= available else {
      throw DownloadError.noSpace(folder: folder.path, needed: needed, available: available)
    }
  }

  /// What has arrived of a zip file.
  private func arrivedByteCount(_ archive: DatasetSource.Archive) -> Int {
    let zip = zip(of: archive)
    for path in [zip.path, FileDownload(archive.url, to: zip).part.path] {
      let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      if let size { return size }
    }
    return 0
  }

  private static func freeByteCount(near folder: URL) throws -> Int {
    var folder = folder.absoluteURL.standardizedFileURL
    while !FileManager.default.fileExists(atPath: folder.path), folder.path.count > 1 {
      folder.deleteLastPathComponent()
    }
    var status = statvfs()
    guard statvfs(folder.path, &status) == 0 else { throw SystemError("look at", folder.path) }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? .max : Int(clamping: bytes)
  }
}
