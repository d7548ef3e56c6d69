import Foundation

/// Why a file's bytes can't be had, without the file's name.
enum FileContentsError: Error, Equatable, CustomStringConvertible {
  /// The operating system's reason, a value of `errno`.
  case refused(CInt)
  case tooLarge(limit: Int)

  var description: String {
    switch self {
    case .refused(ENOENT): "there is no such file"
    case .refused(EISDIR): "is a folder, where a file is needed"
    case .refused(let code): Self.uncapitalized(String(cString: strerror(code)))
    case .tooLarge(let limit): "holds more than \(limit) bytes"
    }
  }

  private static func uncapitalized(_ text: String) -> String {
    text.prefix(1).lowercased() + text.dropFirst()
  }
}
