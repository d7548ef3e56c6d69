import Foundation
import VignetteTestSupport

/// Swift that a reader is shown: a fence in a Markdown page, a documentation comment or a text that is written.
struct Snippet: CustomStringConvertible {
  let file: String
  /// The fence's line in the file.
  let line: Int
  /// Without indentation and blank lines.
  let lines: [String]

  /// Whether it is a Package.swift.
  var isManifest: Bool { lines.contains("import PackageDescription") }

  /// What must be imported.
  var imports: [String] { Array(lines.prefix(while: Self.isImport)) }

  /// What must stand somewhere in one piece.
  var code: [String] { Array(lines.drop(while: Self.isImport)) }

  var text: String { lines.joined(separator: "\n") + "\n" }
  var description: String { "\(file):\(line)" }

  private static func isImport(_ line: String) -> Bool { line.hasPrefix("import ") }

  /// The fences of ```` ```swift ```` in a file.
  static func all(in file: SourceFile) -> [Snippet] {
    var snippets: [Snippet] = []
    var open: (line: Int, lines: [String])?
    for (index, line) in file.lines.enumerated() {
      let text = file.isSwift ? commented(line) : line
      if let fence = open, text == "```" {
        snippets.append(Snippet(file: file.path, line: fence.line, lines: fence.lines))
        open = nil
      } else if open != nil {
        if !text.isEmpty { open?.lines.append(text) }
      } else if text == "```swift" {
        open = (index + 1, [])
      }
    }
    return snippets
  }

  private static func commented(_ line: String) -> String {
    line.hasPrefix("///") ? line.dropFirst(3).trimmingCharacters(in: .whitespaces) : line
  }
}

/// A text file of the package.
struct SourceFile {
  /// From the package's folder on.
  let path: String
  /// Without indentation.
  let lines: [String]

  var isSwift: Bool { path.hasSuffix(".swift") }

  /// Whether a snippet stands in the file, but for indentation and blank lines.
  func holds(_ snippet: Snippet) -> Bool {
    guard isSwift, path != snippet.file, Set(snippet.imports).isSubset(of: lines) else { return false }
    let code = lines.filter { !$0.isEmpty }
    return code.firstRange(of: snippet.code) != nil
  }

  /// The package's Swift and Markdown files: what its manifest compiles, and what people read.
  static func all() throws -> [SourceFile] {
    let package = Fixture.url("..").standardizedFileURL
    let folders = ["Sources", "Tests", "Examples", "Benchmarks", "Fixtures", "Documentation"]
    let pages = try FileManager.default.contentsOfDirectory(atPath: package.path).filter {
      $0.hasSuffix(".md")
    }
    return try (pages + folders.flatMap { try files(below: $0, in: package) }).map { path in
      let text = try String(contentsOf: package.appendingPathComponent(path), encoding: .utf8)
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      return SourceFile(path: path, lines: lines.map { $0.trimmingCharacters(in: .whitespaces) })
    }
  }

  /// Paths of a folder's files; a package within the package is another one's business.
  private static func files(below folder: String, in package: URL) throws -> [String] {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: package.appendingPathComponent(folder).path)
    if names.contains("Package.swift") { return [] }
    return try names.sorted().filter { !$0.hasPrefix(".") }.flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      if name.hasSuffix(".swift") || name.hasSuffix(".md") { return [path] }
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: package.appendingPathComponent(path).path, isDirectory: &isFolder)
      return exists && isFolder.boolValue ? try files(below: path, in: package) : []
    }
  }
}
