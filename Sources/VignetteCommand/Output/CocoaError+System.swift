import Foundation

extension CocoaError {
  /// What the operating system said, as a value of `errno`; nil where it isn't known.
  var systemCode: Int32? {
    if let cause = underlying.map({ $0 as NSError }), cause.domain == NSPOSIXErrorDomain {
      return Int32(cause.code)
    }
    switch code {
    case .fileNoSuchFile, .fileReadNoSuchFile: return ENOENT
    case .fileReadNoPermission, .fileWriteNoPermission: return EACCES
    case .fileWriteFileExists: return EEXIST
    case .fileWriteOutOfSpace: return ENOSPC
    case .fileWriteVolumeReadOnly: return EROFS
    default: return nil
    }
  }

  /// Whether it was writing that failed: Foundation numbers those errors from 512 on.
  var isAboutWriting: Bool { (512..<1024).contains(code.rawValue) }
}
