import Checkpoints
import Foundation
import TestSupport
import Testing

@Suite struct JSONTextTests {
  @Test func textIsWhatPythonWrites() throws {
    let cases = try JSONField(contentsOf: Fixture.url("checkpoints/json.json")).elements()
    #expect(cases.count > 40)
    for field in cases {
      let value = try JSONValue(parsing: Array(try field["text"].value(as: String.self).utf8), file: "text")
      #expect(value.text(.config) == (try field["config"].value()))
      #expect(value.text(.tokenizer) == (try field["tokenizer"].value()))
      #expect(value.text(.oneLine) == (try field["one_line"].value()))
    }
  }

  @Test func transformersConfigurationIsRewrittenUnchanged() throws {
    let url = Fixture.url("checkpoints/single/config.json")
    let folder = try TemporaryFolder()
    let copy = folder.url.appendingPathComponent("config.json")
    try JSONValue(contentsOf: url).write(to: copy)
    #expect(try Data(contentsOf: copy) == Data(contentsOf: url))
  }

  @Test func keysAreToldApartByTheirBytes() throws {
    let value = try JSONValue(parsing: Array(#"{"é": 1, "e\u0301": 2}"#.utf8), file: "text")
    #expect(value == ["é": 1, "e\u{301}": 2])
    #expect(value.text(.oneLine) == #"{"\u00e9": 1, "e\u0301": 2}"#)
  }

  @Test func laterOfTwoMembersCountsAsInPython() throws {
    let value = try JSONValue(parsing: Array(#"{"a": 1, "b": 2, "a": 3}"#.utf8), file: "text")
    #expect(value == ["a": 3, "b": 2])
  }

  @Test func membersCanBeRemoved() {
    var object = JSONObject([("a", 1), ("b", 2), ("c", 3)])
    object["b"] = nil
    object["c"] = 4
    #expect(object == JSONObject([("a", 1), ("c", 4)]))
    #expect(object["b"] == nil)
  }

  @Test(arguments: [
    ("", 1, 1, "expected a value, but the text ends here"),
    ("{", 1, 2, "expected a key in double quotes, but the text ends here"),
    ("{\n  \"é\": 1,\n}", 3, 1, "expected a key in double quotes"),
    ("[1, 2", 1, 6, "expected ',' or ']', but the text ends here"),
    ("[1 2]", 1, 4, "expected ',' or ']'"),
    ("[1,]", 1, 4, "expected a value"),
    ("{\"é\" 1}", 1, 6, "expected ':'"),
    ("01", 1, 2, "expected the end of the text"),
    ("1.", 1, 3, "expected a value, but the text ends here"),
    ("+1", 1, 1, "expected a value"),
    ("nul", 1, 1, "expected a value"),
    ("'a'", 1, 1, "expected a value"),
    ("\"a", 1, 3, "a string has no end, but the text ends here"),
    ("\"a\nb\"", 1, 3, "a string has no end"),
    ("\"\\x\"", 1, 3, "unknown escape in a string"),
    ("\"\\u12G4\"", 1, 6, "expected four hexadecimal digits"),
    ("\"\\ud800\"", 1, 4, "half of a surrogate pair"),
    ("\"\\ud800\\u0041\"", 1, 4, "half of a surrogate pair"),
    ("\u{FEFF}{}", 1, 1, "expected a value"),
  ])
  func whatIsNoJSONIsRefusedAtItsPlace(text: String, line: Int, column: Int, problem: String) throws {
    let error = try #require(throws: JSONSyntaxError.self) {
      _ = try JSONValue(parsing: Array(text.utf8), file: "f.json")
    }
    #expect("\(error)" == "f.json:\(line):\(column): \(problem)")
  }

  @Test func stringsMustBeUTF8() {
    let error = #expect(throws: JSONSyntaxError.self) {
      _ = try JSONValue(parsing: [0x22, 0xFF, 0x22], file: "f.json")
    }
    #expect(error.map { "\($0)" } == "f.json:1:2: the string is not valid UTF-8")
  }

  @Test func deepNestingIsRefused() throws {
    let deep = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)
    _ = try JSONValue(parsing: Array(deep.utf8), file: "f.json")
    for bracket in ["[", "{\"a\":"] {
      let tooDeep = String(repeating: bracket, count: 1_000_000)
      #expect(throws: JSONSyntaxError.self) { try JSONValue(parsing: Array(tooDeep.utf8), file: "f.json") }
    }
  }
}
