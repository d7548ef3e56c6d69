import Foundation
import Testing
import VignetteFiles
import VignetteTestSupport

/// Names of files that are no UTF-8.
@Suite struct FileNameTests {
  private static let names: [[UInt8]] = [
    Array("plain".utf8), Array("café 😀".utf8), [0x63, 0x61, 0x66, 0xE9, 0x2E, 0x70], [0xFF], [0xC3],
    [0xED, 0xA0, 0x80],
    [0xF4, 0x8F, 0xBA, 0xA9], [0xF4, 0x8F, 0xBA], [0x80, 0x25, 0x38, 0x30], [],
  ]

  @Test(arguments: names)
  func everyNameComesBack(_ bytes: [UInt8]) {
    #expect(FileName.bytes(FileName.string(bytes)) == bytes)
    #expect(
      FileName.withSystemPath(FileName.string(bytes)) {
        Array(UnsafeBufferPointer(start: $0, count: strlen($0)))
      }
      .map { UInt8(bitPattern: $0) } == bytes)
  }

  @Test func differentNamesAreSpelledDifferently() {
    #expect(Set(Self.names.map { Array(FileName.string($0).utf8) }).count == Self.names.count)
  }

  /// As Python's `json.dumps(os.fsdecode(name))` has it.
  @Test(arguments: [JSONFormat.oneLine, .plainLine])
  func jsonHasPythonsSpelling(_ format: JSONFormat) throws {
    let name = FileName.string([0x63, 0xE9, 0x22, 0x0A])
    let text = JSONValue.string(name).text(format)
    #expect(text == #""c\udce9\"\n""#)
    #expect(try JSONValue(parsing: text.utf8, file: "f") == .string(name))
    #expect(FileName.printed(name) == #"c\udce9"\n"#)
  }

  /// From what is printed, the name can be told again.
  @Test(arguments: [
    ("a\\nb", #"a\\nb"#), ("a\nb", #"a\nb"#), ("\u{1B}[2J", #"\u{1B}[2J"#), (#"\udce9"#, #"\\udce9"#),
    ("\\\u{301}", "\\\\\u{301}"), ("café ß", "café ß"),
  ])
  func printedNamesAreOneFieldOfALine(name: String, printed: String) {
    #expect(FileName.printed(name) == printed)
  }

  @Test func linesOfJSONHoldNoControlCharacters() throws {
    let value = JSONValue.string("a\u{9B}\u{7F}\u{202E}é\n")
    let line = TerminalText.escapedJSON(value.text(.plainLine))
    #expect(line == #""a\u009b\u007f\u202eé\n""#)
    #expect(try JSONValue(parsing: line.utf8, file: "f") == value)
  }

  @Test func textBesideEscapedBytesIsPlain() {
    let name = FileName.string([0xC3, 0xA9, 0xE9])
    #expect(JSONValue.string(name).text(.plainLine) == "\"é\\udce9\"")
    #expect(JSONValue.string(name).text(.oneLine) == "\"\\u00e9\\udce9\"")
  }

  @Test func filesOfSuchNamesAreListedAndRead() throws {
    let folder = try TemporaryFolder()
    let name = FileName.string([0x63, 0xE9])
    let path = folder.url.path + "/" + name
    let descriptor = FileName.withSystemPath(path) { creat($0, 0o600) }
    #expect(descriptor >= 0 && write(descriptor, "abc", 3) == 3 && close(descriptor) == 0)
    #expect(try FileName.list(folder.url.path) == [name])
    #expect(try MappedFile(at: URL(fileURLWithPath: path)).count == 3)
    #expect(throws: SystemError.self) { try FileName.list(path) }
  }

  @Test func anExcerptIsShortAndPlain() {
    #expect("\(Excerpt("a\0\n\u{1B}b"))" == "a\u{FFFD}\u{FFFD}\u{FFFD}b")
    #expect("\(Excerpt(String(repeating: "é", count: 500)))" == String(repeating: "é", count: 200) + "…")
    #expect("\(Excerpt("abc", limit: 3))" == "abc")
  }
}
