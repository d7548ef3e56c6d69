import Foundation
import VignetteFiles
import VignetteMetadata

extension SystemError {
  /// Does something with a hidden file; what the system refuses is said of the file that people know.
  ///
  /// - Parameter subject: its path; nil for the hidden one's own.
  static func naming<Result: ~Copyable>(
    _ subject: String?, _ work: () throws -> Result
  ) throws -> Result {
    do {
      return try work()
    } catch let error as SystemError {
      throw subject.map { SystemError(error.action, $0, code: error.code) } ?? error
    }
  }
}

/// Telling the trouble of one image from what ends a job.
enum DestinationFailure {
  /// Does something for one image.
  ///
  /// - Throws: `ImageFailure` for what is wrong with this image, its folder or its metadata; anything else, such as a full
  ///   disk, as it is.
  static func scoped<Result>(_ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let error as MetadataError {
      throw ImageFailure(error.path.map { "\($0): \(error.reason)" } ?? error.reason)
    } catch let error as SystemError where !endsJob.contains(error.code) {
      throw ImageFailure("\(error)")
    } catch let error as FileError {
      throw ImageFailure("\(error)")
    }
  }

  /// No image after this one would fare better.
  private static let endsJob: Set<CInt> = [ENOSPC, EDQUOT, EFBIG, EMFILE, ENFILE, ENOMEM, EIO]

  /// Checks that files can be made in a folder.
  ///
  /// - Throws: `SystemError`.
  static func requireWritable(_ folder: URL) throws {
    guard FileName.withSystemPath(folder.path, { access($0, W_OK | X_OK) }) == 0 else {
      throw SystemError("write in", folder.path)
    }
  }
}
