import Foundation
import VignetteFiles
import VignetteTestSupport
import Testing

/// Values, and the text that Python writes for them.
@Suite struct JSONTextTests {
  @Test func textIsWhatPythonWrites() throws {
    let file = "json.json"
    let cases = try JSONField(JSONValue(parsing: Fixture.data("checkpoints/\(file)"), file: file), file: file)
      .elements()
    #expect(cases.count > 40)
    for field in cases {
      let value = try JSONValue(parsing: field["text"].value(as: String.self).utf8, file: "text")
      #expect(value.text(.config) == (try field["config"].value()))
      #expect(value.text(.tokenizer) == (try field["tokenizer"].value()))
      #expect(value.text(.oneLine) == (try field["one_line"].value()))
    }
  }

  @Test func transformersConfigurationIsRewrittenUnchanged() throws {
    let text = try Fixture.data("checkpoints/single/config.json")
    let rewritten = try JSONValue(parsing: text, file: "config.json").text(.config) + "\n"
    #expect(Data(rewritten.utf8) == text)
  }

  @Test func keysAreToldApartByTheirBytes() throws {
    let value = try JSONValue(parsing: #"{"é": 1, "e\u0301": 2}"#.utf8, file: "text")
    #expect(value == ["é": 1, "e\u{301}": 2])
    #expect(value != ["é": 1, "e\u{301}\u{301}": 2])
    #expect(value.text(.oneLine) == #"{"\u00e9": 1, "e\u0301": 2}"#)
  }

  @Test func laterOfTwoMembersCountsAsInPython() throws {
    let value = try JSONValue(parsing: #"{"a": 1, "b": 2, "a": 3}"#.utf8, file: "text")
    #expect(value == ["a": 3, "b": 2])
  }

  /// Objects with few and with many members work in different ways.
  @Test(arguments: [3, 8, 9, 40]) func membersCanBeRemoved(count: Int) {
    var object = JSONObject((0..<count).map { ("\($0)", .int($0)) })
    object["1"] = nil
    object["2"] = 20
    object["new"] = 30
    let expected = [(0, 0), (2, 20)] + (3..<max(3, count)).map { ($0, $0) }
    #expect(object == JSONObject(expected.map { ("\($0)", .int($1)) } + [("new", 30)]))
    #expect(object["1"] == nil && object["new"] == 30)
    for (key, value) in expected { #expect(object["\(key)"] == .int(value)) }
    #expect(object.hashValue == JSONObject(object.map { ($0.key, $0.value) }).hashValue)
  }

  @Test func valuesOfAnotherKindAreNothing() throws {
    let value: JSONValue = ["s": "a", "b": true, "i": 3, "d": 0.5, "l": [1], "n": nil]
    #expect(value["s"]?.asString == "a" && value["s"]?.asInt == nil && value["s"]?["x"] == nil)
    #expect(value["b"]?.asBool == true && value["b"]?.asNumber == nil)
    #expect(value["i"]?.asInt == 3 && value["i"]?.asNumber == 3 && value["i"]?.asBool == nil)
    #expect(value["d"]?.asNumber == 0.5 && value["d"]?.asInt == nil)
    #expect(value["l"]?.asArray == [1] && value["l"]?.asObject == nil)
    #expect(value["n"] == .null && value["x"] == nil)
    #expect(JSONValue.largeInteger("1000000000000000000000000000000").asNumber == 1e30)
  }

  @Test func containersAreWrittenPieceByPiece() {
    let values: [JSONValue] = [[], [:], [[], [:]], ["a": [], "b": ["c": [1, "ä"]]]]
    for format in [JSONFormat.oneLine, .config, .tokenizer] {
      for value in values {
        var writer = JSONWriter(format)
        writer.array { writer in
          for _ in 0..<2 {
            writer.element()
            writer.append(value)
          }
          writer.element()
          writer.object { writer in
            writer.key(utf8: ArraySlice("ö\n".utf8))
            writer.append(utf8: ArraySlice("\u{1}\"ß".utf8))
          }
        }
        let tree: JSONValue = [value, value, ["ö\n": "\u{1}\"ß"]]
        #expect(String(decoding: writer.utf8, as: UTF8.self) == tree.text(format))
      }
    }
  }
}
