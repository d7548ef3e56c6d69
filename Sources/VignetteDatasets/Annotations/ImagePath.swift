/// The image that an annotation names.
struct ImagePath {
  /// The name, without what spells the same one differently: `./a.png`, `sub//a.png`.
  let name: String
  /// Where the file is.
  let path: String

  /// Nil for a name of nothing.
  ///
  /// - Parameter folder: what the name starts from, unless it starts from the root itself.
  init?(_ name: String, in folder: String) {
    let parts = Self.parts(of: name)
    guard parts.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else { return nil }
    let joined = parts.joined(separator: "/")
    self.name = Self.isAbsolute(name) ? "/\(joined)" : joined
    path = Self.isAbsolute(name) ? "/\(joined)" : "\(folder)/\(joined)"
  }

  static func isAbsolute(_ name: String) -> Bool { name.hasPrefix("/") }

  /// The folders of a name, and the file.
  ///
  /// What `..` stands for isn't worked out: behind a link to a folder, it leads elsewhere than its spelling says.
  static func parts(of name: String) -> [Substring] { name.split(separator: "/").filter { $0 != "." } }
}
