import VignetteFiles
import Testing

/// Broken, hostile and foreign text gives an error that names the place and the problem, and never a trap.
@Suite struct JSONCursorTests {
  @Test(arguments: [
    ("", 1, 1, "expected a value, but the text ends here"),
    (" \n ", 2, 2, "expected a value, but the text ends here"),
    ("{", 1, 2, "expected a key in double quotes, but the text ends here"),
    ("{\n  \"é\": 1,\n}", 3, 1, "expected a key in double quotes"),
    ("{\"a\":", 1, 6, "expected a value, but the text ends here"),
    ("{\"a\":1 \"b\":2}", 1, 8, "expected ',' or '}'"),
    ("[1, 2", 1, 6, "expected ',' or ']', but the text ends here"),
    ("[1 2]", 1, 4, "expected ',' or ']'"),
    ("[1,]", 1, 4, "expected a value"),
    ("{\"é\" 1}", 1, 6, "expected ':'"),
    ("{1: 2}", 1, 2, "expected a key in double quotes"),
    ("{} {}", 1, 4, "expected the end of the text"),
    ("01", 1, 1, "a number starts with 0"),
    ("-012.5", 1, 2, "a number starts with 0"),
    ("-", 1, 2, "expected a value, but the text ends here"),
    ("1.", 1, 3, "expected a value, but the text ends here"),
    (".5", 1, 1, "expected a value"),
    ("1e", 1, 3, "expected a value, but the text ends here"),
    ("1e+x", 1, 4, "expected a value"),
    ("+1", 1, 1, "expected a value"),
    ("-NaN", 1, 2, "expected a value"),
    ("nul", 1, 1, "expected a value"),
    ("true1", 1, 5, "expected the end of the text"),
    ("what", 1, 1, "expected a value"),
    ("<html>", 1, 1, "expected a value"),
    ("'a'", 1, 1, "expected a value"),
    ("\"a", 1, 3, "a string has no end, but the text ends here"),
    ("\"a\\", 1, 4, "a string has no end, but the text ends here"),
    ("\"a\nb\"", 1, 3, "a control character inside a string"),
    ("\"\\\"a\u{1F}b\"", 1, 5, "a control character inside a string"),
    ("\"\\x\"", 1, 3, "unknown escape in a string"),
    ("\"\\u12G4\"", 1, 6, "expected four hexadecimal digits"),
    ("\"\\u+123\"", 1, 4, "expected four hexadecimal digits"),
    ("\"\\u00", 1, 6, "expected four hexadecimal digits, but the text ends here"),
    ("\"\\ud800\"", 1, 4, "half of a surrogate pair"),
    ("\"\\udc00\"", 1, 4, "half of a surrogate pair"),
    ("\"\\ud800\\u0041\"", 1, 4, "half of a surrogate pair"),
    ("\"\\ud800\\ud800\"", 1, 4, "half of a surrogate pair"),
    (String(repeating: "[", count: 300), 1, 257, "more than 256 containers inside each other"),
    (
      String(repeating: "{\"\":", count: 300), 1, 1025, "more than 256 containers inside each other"
    ),
  ])
  func whatIsNoJSONIsRefusedAtItsPlace(text: String, line: Int, column: Int, problem: String) throws {
    let error = try #require(throws: JSONError.self) {
      _ = try JSONValue(parsing: text.utf8, file: "f.json")
    }
    #expect("\(error)" == "f.json:\(line):\(column): \(problem)")
    #expect(skip(Array(text.utf8)) == problem, "what is skipped is checked as well")
  }

  @Test(arguments: [
    [0xFF], [0xC3], [0xC3, 0x28], [0xED, 0xA0, 0x80], [0xC0, 0x80], [0xF4, 0x90, 0x80, 0x80],
  ])
  func stringsMustBeUTF8(bytes: [UInt8]) {
    for (before, after) in [("", ""), ("plain text ", " and more"), ("\\n", ""), ("", "\\u0041")] {
      let text = Array("\"\(before)".utf8) + bytes + Array("\(after)\"".utf8)
      let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text, file: "f.json") }
      #expect(error.map { "\($0)" } == "f.json:1:2: the string is not valid UTF-8")
      #expect(skip(text) == "the string is not valid UTF-8")
      #expect(throws: JSONError.self) {
        try JSONValue(parsing: [UInt8(ascii: "{")] + text + Array(":1}".utf8), file: "f.json")
      }
    }
  }

  @Test func aByteOrderMarkMeansNothing() throws {
    #expect(try JSONValue(parsing: "\u{FEFF}{\"a\": 1}".utf8, file: "f.json") == ["a": 1])
    #expect(throws: JSONError.self) { try JSONValue(parsing: "{\u{FEFF}}".utf8, file: "f.json") }
  }

  @Test func deepNestingIsRefused() throws {
    let deep = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)
    _ = try JSONValue(parsing: deep.utf8, file: "f.json")
    // As often as one likes side by side.
    let wide = "[" + String(repeating: "[],{},", count: 1000) + "[]]"
    _ = try JSONValue(parsing: wide.utf8, file: "f.json")
    for bracket in ["[", "{\"a\":"] {
      let tooDeep = Array(String(repeating: bracket, count: 1_000_000).utf8)
      #expect(throws: JSONError.self) { try JSONValue(parsing: tooDeep, file: "f.json") }
      #expect(skip(tooDeep) == "more than 256 containers inside each other")
    }
  }

  @Test(arguments: [
    ("0", JSONValue.int(0)), ("-0", .int(0)), ("9223372036854775807", .int(.max)),
    ("-9223372036854775808", .int(.min)), ("9223372036854775808", .largeInteger("9223372036854775808")),
    ("-9223372036854775809", .largeInteger("-9223372036854775809")),
    (
      "1" + String(repeating: "0", count: 400), .largeInteger("1" + String(repeating: "0", count: 400))
    ),
    ("0.5", .double(0.5)), ("-1E+2", .double(-100)), ("2e-1", .double(0.2)), ("1e400", .double(.infinity)),
    ("Infinity", .double(.infinity)), ("-Infinity", .double(-.infinity)),
  ])
  func numbers(text: String, expected: JSONValue) throws {
    #expect(try JSONValue(parsing: text.utf8, file: "f.json") == expected)
    #expect(skip(Array(text.utf8)) == nil)
    let integer = read(text) { (cursor) throws(JSONFault) in try cursor.integer() }
    #expect((try? integer.get()) == expected.asInt)
  }

  @Test func notANumberIsANumber() throws {
    #expect(try JSONValue(parsing: "NaN".utf8, file: "f.json").asNumber?.isNaN == true)
  }

  @Test(arguments: [
    ("-1", "expected an integer from 0 to 9, found -1"), ("10", "expected an integer from 0 to 9, found 10"),
    ("1.0", "expected an integer from 0 to 9, found 1.0"),
    ("1e0", "expected an integer from 0 to 9, found 1e0"),
    ("99999999999999999999", "expected an integer from 0 to 9, found 99999999999999999999"),
    ("\"1\"", "expected an integer from 0 to 9, found \"1\""), ("01", "a number starts with 0"),
    ("{\"a\": [1]}", "expected an integer from 0 to 9, found {\"a\": [1]}"), ("[1", "expected ',' or ']'"),
  ])
  func integersOfARange(text: String, problem: String) {
    let result = read(text) { (cursor) throws(JSONFault) in try cursor.integer(in: 0...9) }
    #expect(throws: JSONFault.self) { try result.get() }
    if case .failure(let fault) = result { #expect(fault.problem.hasPrefix(problem), "\(fault)") }
  }

  @Test(arguments: [
    ("[]", "", "expected an object, found []"),
    ("{\"list\": 3}", "list", "expected a list, found 3"),
    ("{\"list\": [[1], [2, {}]]}", "list[1][1]", "expected an integer, found {}"),
    ("{\"\\u006Cist\": [[]], \"object\": {\"a\": {\"b\": 1}}}", "object.a.b", "expected a string, found 1"),
    ("{\"object\": {\"a\": {}}}", "object.a.b", "is missing"),
    ("{\"other\": {\"a\": [1, x]}}", "other.a[1]", "expected a value"),
    (
      "{\"list\": \"\(String(repeating: "x", count: 100))\"}", "list",
      "expected a list, found \"\(String(repeating: "x", count: 59))…"
    ),
  ])
  func aFaultKnowsItsPath(text: String, path: String, problem: String) {
    let result = read(text) { (cursor) throws(JSONFault) in
      try cursor.members { (cursor, key) throws(JSONFault) in
        switch key {
        case "list":
          try cursor.elements { (cursor) throws(JSONFault) in
            try cursor.elements { (cursor) throws(JSONFault) in _ = try cursor.integer() }
          }
        case "object":
          try cursor.members { (cursor, _) throws(JSONFault) in
            var found = false
            try cursor.members { (cursor, _) throws(JSONFault) in
              _ = try cursor.string()
              found = true
            }
            if !found { throw cursor.missing("b", "is missing") }
          }
        default: try cursor.skipValue()
        }
      }
    }
    guard case .failure(let fault) = result else {
      Issue.record("nothing was thrown")
      return
    }
    #expect(fault.path == path)
    #expect(fault.problem == problem)
  }

  @Test func keysAreComparedWithoutTheirEscapes() throws {
    let result = read(#"{"\u0069\u0064": 1, "i\/d": 2, "id\u0000": 3}"#) { (cursor) throws(JSONFault) in
      var found: [Int] = []
      try cursor.members { (cursor, key) throws(JSONFault) in
        let number = try cursor.integer()
        if "id" ~= key { found.append(number) }
      }
      return found
    }
    #expect(try result.get() == [1])
  }

  /// Text is skipped eight bytes at a time; what ends it may be anywhere.
  @Test func everyLengthOfAString() throws {
    let special: [(text: String, meaning: String)] = [
      ("", ""), ("é", "é"), ("\\\"", "\""), ("\\\\", "\\"), ("\\u0120", "Ġ"), ("\\ud83d\\ude00", "😀"),
      ("!", "!"),
      ("#", "#"), ("[", "["), ("]", "]"), (" ", " "), ("\u{7F}", "\u{7F}"), ("漢", "漢"),
    ]
    for length in 0...20 {
      for place in 0...length {
        for (text, meaning) in special {
          let before = String(repeating: "a", count: place)
          let after = String(repeating: "~", count: length - place)
          for tail in ["", " ", ", 1, 2, 3, 4"] {
            let document = "[\"\(before)\(text)\(after)\"\(tail)]"
            let value = try JSONValue(parsing: document.utf8, file: "f.json")
            #expect(value.asArray?.first == .string(before + meaning + after))
          }
        }
        for control in UInt8(0)..<0x20 {
          var text = Array("\"\(String(repeating: "a", count: length))\"".utf8)
          text.insert(control, at: 1 + place)
          #expect(skip(text) == "a control character inside a string")
        }
      }
    }
  }

  /// No damage to any byte, and no end anywhere, does more than throw; what can be read can be skipped.
  @Test func damageNeverTraps() throws {
    let text = Array(
      #"{"a": [1, -2.5e3, "é\n\ud83d\ude00", true], "b": {"c": null, "d": {}}, "e": [[], "plain text"]}"#.utf8
    )
    _ = try JSONValue(parsing: text, file: "f.json")
    for position in text.indices {
      #expect(throws: JSONError.self) { try JSONValue(parsing: text[..<position], file: "f.json") }
      for byte in UInt8.min...UInt8.max {
        var damaged = text
        damaged[position] = byte
        let isRead = (try? JSONValue(parsing: damaged, file: "f.json")) != nil
        #expect(isRead == (skip(damaged) == nil))
      }
    }
  }

  private func read<Value>(
    _ text: String, _ body: (inout JSONCursor) throws(JSONFault) -> Value
  ) -> Result<Value, JSONFault> {
    Array(text.utf8).withUnsafeBufferPointer { bytes in
      Result { () throws(JSONFault) in
        var cursor = JSONCursor(UnsafeRawBufferPointer(bytes))
        let value = try body(&cursor)
        try cursor.expectEnd()
        return value
      }
    }
  }

  /// The problem of a text that is skipped.
  private func skip(_ text: [UInt8]) -> String? {
    text.withUnsafeBytes { bytes in
      var cursor = JSONCursor(bytes)
      do throws(JSONFault) {
        try cursor.skipValue()
        try cursor.expectEnd()
        return nil
      } catch {
        return error.problem
      }
    }
  }
}
