extension Unicode.Scalar {
  /// Whether the reference implementations, written in Python, take the character for white space:
  /// Unicode's white space and the four ASCII separators.
  var isSpace: Bool {
    value < 0x80
      ? value == 0x20 || (0x09...0x0D).contains(value) || (0x1C...0x1F).contains(value)
      : properties.isWhitespace
  }
}
