import Foundation
import VignetteFiles

/// Python's `os.path.expandvars(os.path.expanduser(path))`.
struct PathExpansion {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  func expand(_ path: String) -> String { expandVariables(expandTilde(path)) }

  /// The path with the home folder in place of `~` or `~user`, where there is such a user.
  func expandTilde(_ path: String) -> String {
    guard path.hasPrefix("~") else { return path }
    let name = path.dropFirst().prefix { $0 != "/" }
    guard let home = name.isEmpty ? environment["HOME"] ?? Self.home(nil) : Self.home(String(name)) else {
      return path
    }
    let rest = path.dropFirst(1 + name.count)
    let expanded = (home.hasSuffix("/") ? String(home.dropLast()) : home) + rest
    return expanded.isEmpty ? "/" : expanded
  }

  /// The folder that a variable names; nil where it is empty or unset.
  func folder(_ variable: String) -> URL? {
    guard let path = environment[variable], !path.isEmpty else { return nil }
    return FileName.url(expand(path), isFolder: true)
  }

  /// `HF_HOME`, else `huggingface` in `XDG_CACHE_HOME`, else `~/.cache/huggingface`.
  var huggingFaceHome: URL {
    folder("HF_HOME")
      ?? (folder("XDG_CACHE_HOME") ?? FileName.url(expandTilde("~/.cache"), isFolder: true))
      .appendingPathComponent("huggingface")
  }

  private static func home(_ user: String?) -> String? {
    let entry = user.map { getpwnam($0) } ?? getpwuid(getuid())
    return entry?.pointee.pw_dir.map { FileName.string(of: $0) }
  }

  /// The path with the values of variables for `$NAME` and `${NAME}`; those that aren't set stay as they are.
  private func expandVariables(_ path: String) -> String {
    path.replacing(/\$(?:([A-Za-z0-9_]+)|\{([^}]*)\})/) { match in
      (match.output.1 ?? match.output.2).flatMap { environment[String($0)] } ?? String(match.output.0)
    }
  }
}
