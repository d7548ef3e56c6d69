import Foundation
import VignetteCheckpoints
import VignetteFiles
import VignetteHub

/// An error as the one line that a user reads: where, what is wrong, and what can be done about it.
struct ErrorLine: CustomStringConvertible {
  let description: String

  /// - Parameter goesOn: how the command goes on once there is room on the disk again.
  init(_ error: any Error, goesOn: String = "run it again") {
    let refusal = SystemError(behind: error)
    let text = refusal?.description ?? Self.text(error)
    let line = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: " ")
    let advice =
      refusal.flatMap { Self.advice($0, goesOn: goesOn) } ?? (error as? HubError).flatMap(Self.advice)
    description = FlagSpelling.spelled(advice.map { "\(line); \($0)" } ?? line)
  }

  /// Foundation's errors describe themselves by the innards.
  private static func text(_ error: any Error) -> String {
    let isFoundations =
      error is CocoaError || error is POSIXError || error is DecodingError || error is EncodingError
      || type(of: error) is NSError.Type
    return isFoundations ? error.localizedDescription : "\(error)"
  }

  private static func advice(_ error: HubError) -> String? {
    switch error {
    case .notCached(let name, _), .noRevision(let name, _), .incomplete(let name, _):
      #if Network
        return "to fetch it: vignette pull \(name.argument)"
      #else
        return nil
      #endif
    case .interrupted: return "run the command again"
    default: return nil
    }
  }

  private static func advice(_ error: SystemError, goesOn: String) -> String? {
    switch error.code {
    case ENOENT: "is the name right?"
    case ENOTDIR, EEXIST: "a file is in the way: give another path"
    case EISDIR: "a file is needed there, not a folder"
    case EACCES, EPERM, EROFS: "give another path, or change its permissions"
    case ENOSPC, EDQUOT: "make room there, then \(goesOn)"
    case EFBIG: "raise the limit on the size of files (ulimit -f), then \(goesOn)"
    case EMFILE, ENFILE: "raise the limit on open files (ulimit -n), then \(goesOn)"
    default: nil
    }
  }
}

extension SystemError {
  /// What the operating system refused when `error` came about.
  fileprivate init?(behind error: any Error) {
    switch error {
    case let error as SystemError: self = error
    case let error as CocoaError:
      guard let path = error.filePath ?? error.url?.path, let code = error.systemCode else { return nil }
      self.init(error.isAboutWriting ? "write" : "read", path, code: code)
    default: return nil
    }
  }
}
