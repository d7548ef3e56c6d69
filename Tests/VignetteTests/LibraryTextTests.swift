import Foundation
import Testing
import VignetteTestSupport

/// Only the command spells flags: a library's texts name settings, which a program, a server or a file gives.
@Suite struct LibraryTextTests {
  /// Other programs' flags, and styles of a web page.
  private static let allowed = ["style=\\\"--series:", "style=\"--series:"]

  @Test func libraryTextsNameNoFlags() throws {
    let sources = Fixture.url("../Sources")
    let files = FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil)
    var found: [String] = []
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift", !file.path.contains("/VignetteCommand/") else { continue }
      for (number, line) in try String(contentsOf: file, encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false
      ).enumerated() where Self.spellsFlag(line) {
        found.append("\(file.lastPathComponent):\(number + 1): \(line.trimmingCharacters(in: .whitespaces))")
      }
    }
    #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
  }

  /// Whether a flag stands in a string of the line: a quotation mark comes before it.
  private static func spellsFlag(_ line: Substring) -> Bool {
    guard !line.trimmingCharacters(in: .whitespaces).hasPrefix("//"), let quote = line.firstIndex(of: "\"")
    else {
      return false
    }
    return line[quote...].contains(/--[a-z]/) && !allowed.contains { line.contains($0) }
  }
}
