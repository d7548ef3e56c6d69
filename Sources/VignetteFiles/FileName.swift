package import Foundation

/// Names of files as the system has them: bytes, which needn't be UTF-8.
///
/// A `String` holds such a name with each byte that isn't part of UTF-8 as a scalar for private use, U+10FE00 and the
/// byte, as Python's strings hold it as half of a surrogate pair, U+DC00 and the byte ("surrogateescape"). JSON has it
/// as Python writes it, `\udce9`, and lines of text likewise (``printed(_:)``). No two names share a spelling: what would be read as an
/// escape is itself escaped, byte by byte.
package enum FileName {
  /// U+10FE80 to U+10FEFF.
  private static let escapes: ClosedRange<UInt32> = 0x10_FE80...0x10_FEFF
  private static let base: UInt32 = 0x10_FE00

  /// The name that is spelled with `bytes`.
  package static func string(_ bytes: some Collection<UInt8>) -> String {
    if let text = String(validating: bytes, as: UTF8.self), !hasEscapes(text) { return text }
    var name = String.UnicodeScalarView()
    let bytes = Array(bytes)
    var index = 0
    while index < bytes.count {
      if let (scalar, length) = scalar(bytes[index...]), !escapes.contains(scalar.value) {
        name.append(scalar)
        index += length
      } else {
        if let scalar = escape(bytes[index]) { name.append(scalar) }
        index += 1
      }
    }
    return String(name)
  }

  /// The bytes that the system knows `name` by.
  package static func bytes(_ name: String) -> [UInt8] {
    guard hasEscapes(name) else { return Array(name.utf8) }
    return name.unicodeScalars.flatMap { scalar in
      byte(of: scalar).map { [$0] } ?? Array(String(scalar).utf8)
    }
  }

  /// Calls `body` with `path` as the system's functions take it.
  package static func withSystemPath<Result>(
    _ path: String, _ body: (UnsafePointer<CChar>) throws -> Result
  ) rethrows -> Result {
    guard hasEscapes(path) else { return try path.withCString(body) }
    return try (bytes(path).map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { path in
      // It has the zero at least.
      try path.baseAddress.map(body) ?? "".withCString(body)
    }
  }

  /// The name or text that the system has at `bytes`, up to the zero there.
  package static func string(of bytes: UnsafePointer<CChar>) -> String {
    string(UnsafeBufferPointer(start: bytes, count: strlen(bytes)).lazy.map { UInt8(bitPattern: $0) })
  }

  /// `name` as one field of a line of text, from which it can be told again: bytes that aren't UTF-8 as `\udce9`, control
  /// characters as in Swift (`\n`, `\u{1B}`), a backslash as two.
  package static func printed(_ name: String) -> String {
    let backslash: Unicode.Scalar = "\\"
    guard name.unicodeScalars.contains(backslash) else {
      return TerminalText.escaped(name, keepsLines: false)
    }
    var doubled = String.UnicodeScalarView()
    for scalar in name.unicodeScalars {
      if scalar == backslash { doubled.append(backslash) }
      doubled.append(scalar)
    }
    return TerminalText.escaped(String(doubled), keepsLines: false)
  }

  /// The parts of a path between its separators, empty ones too.
  ///
  /// A slash and a mark that combines with it are one `Character`, which isn't "/", but for the system it separates: whoever
  /// checks where a stranger's name leads looks at these.
  package static func parts(_ path: String, separators: [Unicode.Scalar] = ["/"]) -> [String] {
    path.unicodeScalars.split(omittingEmptySubsequences: false, whereSeparator: separators.contains)
      .map { String(Substring($0)) }
  }

  /// The file or folder that someone means by `path`, which may be relative to a folder whose name isn't UTF-8.
  ///
  /// - Parameter isFolder: nil to look there.
  package static func url(_ path: String, isFolder: Bool? = nil) -> URL {
    guard path.utf8.first != UInt8(ascii: "/"), let current = currentFolder else {
      return isFolder.map { URL(fileURLWithPath: path, isDirectory: $0) } ?? URL(fileURLWithPath: path)
    }
    return URL(
      fileURLWithPath: path, isDirectory: isFolder ?? false,
      relativeTo: URL(fileURLWithPath: current, isDirectory: true))
  }

  /// The folder that relative paths start from; nil where Foundation knows it as well.
  private static var currentFolder: String? {
    guard let path = getcwd(nil, 0) else { return nil }
    defer { free(path) }
    let folder = string(of: path)
    return hasEscapes(folder) ? folder : nil
  }

  /// The variables of the environment that name files.
  package static func environment() -> [String: String] {
    var variables = ProcessInfo.processInfo.environment
    for (name, value) in variables where value.unicodeScalars.contains("\u{FFFD}") {
      if let bytes = getenv(name) { variables[name] = string(of: bytes) }
    }
    return variables
  }

  /// The names in a folder, without `.` and `..`, in no order.
  ///
  /// - Throws: `SystemError`.
  package static func list(_ folder: String) throws -> [String] {
    guard let stream = withSystemPath(folder, { opendir($0) }) else {
      throw SystemError("read the folder", folder)
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        guard errno == 0 else { throw SystemError("read the folder", folder) }
        return names
      }
      let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
        name.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: name.pointee)) {
          string(of: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
  }

  /// The byte that an escape stands for.
  static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    escapes.contains(scalar.value) ? UInt8(scalar.value - base) : nil
  }

  /// The escape of a byte that is none of ASCII's.
  static func escape(_ byte: UInt8) -> Unicode.Scalar? {
    byte >= 0x80 ? Unicode.Scalar(base + UInt32(byte)) : nil
  }

  static func hasEscapes(_ text: String) -> Bool {
    // All of them begin with this byte.
    text.utf8.contains(0xF4) && text.unicodeScalars.contains { escapes.contains($0.value) }
  }

  /// The scalar that well-formed UTF-8 begins with, and how many bytes spell it.
  private static func scalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    var iterator = bytes.makeIterator()
    var decoder = UTF8()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return (scalar, UTF8.width(scalar))
  }
}
