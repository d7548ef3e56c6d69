import Testing
import VignetteFiles

@Suite struct OptionValueTests {
  @Test(arguments: [
    (".", ["."]), ("", [""]), ("[SEP]", ["[SEP]"]), (#"["a", "b, c"]"#, ["a", "b, c"]), ("[1]", ["[1]"]),
    (#"["[\"a\"]"]"#, [#"["a"]"#]), ("[]", []),
  ])
  func textsAreOneOrAList(_ text: String, _ texts: [String]) {
    #expect([String](optionText: text) == texts)
    #expect(texts.optionText == text)
  }
}
