/// What a rule of the tokenizer found at a position.
struct PTBMatch {
  /// What becomes of the characters.
  enum Result {
    /// They are a token.
    case token
    /// They become another token.
    case replaced(StaticString)
    /// They become a token of these two parts.
    case quotes(StaticString, StaticString)
    /// They are punctuation that coco-caption leaves out.
    case dropped
  }

  /// How many characters the token takes.
  let length: Int

  /// How many characters the rule looked at: the rule that looked furthest wins.
  let extent: Int

  let result: Result

  init(length: Int, extent: Int? = nil, _ result: Result = .token) {
    self.length = length
    self.extent = extent ?? length
    self.result = result
  }
}
