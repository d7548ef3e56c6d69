import Testing
import VignetteFiles

/// What a file holds doesn't make a message long.
@Suite struct MessageLengthTests {
  private static let long = String(repeating: "é", count: 70_000)

  @Test func wordsOfAFileAreCut() {
    for error in [
      FileError("x.safetensors", "tensor \"\(Self.long)\" has an unknown or repeated key") as any PlainError,
      FileError("x", String(repeating: "a b ", count: 10_000)),
    ] {
      #expect(error.description.utf8.count < 4_500 && error.description.contains("…"), "\(error)")
    }
    let error = FileError("x.safetensors", "tensor \"\(Self.long)\" has an unknown or repeated key")
    #expect(error.description.hasSuffix("has an unknown or repeated key"))
  }

  @Test func keysOfJSONAreCut() throws {
    let text = "{\"\(Self.long)\": 1}"
    let json = JSONField(try JSONValue(parsing: text.utf8, file: "config.json"), file: "config.json")
    let error = #expect(throws: JSONError.self) { try json[Self.long].value(as: String.self) }
    #expect((error?.description.utf8.count ?? .max) < 1_000)
  }

  @Test func whatIsShortStaysAsItIs() {
    #expect(FileError("a b", "holds \"two  spaces\"").description == "a b: holds \"two  spaces\"")
  }
}
