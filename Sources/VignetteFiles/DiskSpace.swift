package import Foundation

/// How much room there is on a disk.
package enum DiskSpace {
  /// The free bytes of the file system that `folder` is on, or will be.
  ///
  /// - Throws: `SystemError`.
  package static func available(near folder: URL) throws -> Int {
    var folder = folder.absoluteURL.standardizedFileURL
    while !FileSystem.exists(folder), folder.path.count > 1 {
      folder.deleteLastPathComponent()
    }
    var status = statvfs()
    guard FileName.withSystemPath(folder.path, { statvfs($0, &status) }) == 0 else {
      throw SystemError("look at", folder.path)
    }
    let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
    return overflow ? .max : Int(clamping: bytes)
  }
}
