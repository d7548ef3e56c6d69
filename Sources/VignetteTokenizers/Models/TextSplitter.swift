import VignetteFiles

/// The `pre_tokenizer` of a tokenizer.json for a SentencePiece model: how normalised text is cut into words.
struct TextSplitter: Sendable {
  private enum Step: Sendable {
    /// Cuts at white space, which is dropped.
    case whitespace
    case metaspace(Metaspace)
  }

  private var steps: [Step] = []

  /// - Throws: ``TokenizerError`` for a step that isn't known.
  init(_ field: JSONField) throws {
    guard field.isPresent else { return }
    switch try field["type"].value(as: String.self) {
    case "Sequence":
      for part in try field["pretokenizers"].elements() { steps += try TextSplitter(part).steps }
    case "WhitespaceSplit": steps = [.whitespace]
    case "Metaspace": steps = [.metaspace(try Metaspace(field))]
    case let type: throw TokenizerError.unsupported(file: field.file, feature: "the \(field.key) \(type)")
    }
  }

  /// Calls `body` with each word.
  ///
  /// - Parameter leading: as in ``NormalizedText``.
  func split(
    _ text: UnsafeBufferPointer<UInt8>, leading: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    split(text, leading: leading, steps[...], body)
  }

  private func split(
    _ text: UnsafeBufferPointer<UInt8>, leading: Int, _ steps: ArraySlice<Step>,
    _ body: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    guard !text.isEmpty else { return }
    guard let step = steps.first else { return body(text) }
    switch step {
    case .whitespace:
      var start = UTF8Bytes.spaceEnd(text, after: 0)
      while start < text.count {
        let end = wordEnd(text, start)
        split(
          UnsafeBufferPointer(rebasing: text[start..<end]), leading: leading - start,
          steps.dropFirst(), body)
        start = UTF8Bytes.spaceEnd(text, after: end)
      }
    case .metaspace(let metaspace):
      metaspace.split(text, startsText: leading > 0) { part, startsText in
        split(part, leading: startsText ? 1 : 0, steps.dropFirst(), body)
      }
    }
  }

  private func wordEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var end = start
    while end < text.count, case let (scalar, length) = UTF8Bytes.scalar(text, at: end),
      !CharacterClass.isWhitespace(scalar)
    {
      end += length
    }
    return end
  }
}

/// SentencePiece's way of writing spaces: as a mark (`▁`) that belongs to the word behind it.
struct Metaspace: Sendable {
  enum Prepending: String, Sendable {
    case always, first, never
  }

  /// In UTF-8.
  let mark: [UInt8]
  /// Which parts of a text get a mark in front.
  let prepending: Prepending
  /// Whether to cut before each mark.
  let splits: Bool

  init(_ field: JSONField) throws {
    let mark: String = try field["replacement"].value()
    guard mark.unicodeScalars.count == 1 else {
      throw field["replacement"].mismatch(expected: "one character")
    }
    self.mark = Array(mark.utf8)
    let name: String = try field["prepend_scheme"].value(default: "always")
    guard let prepending = Prepending(rawValue: name) else {
      throw field["prepend_scheme"].mismatch(expected: "\"always\", \"first\" or \"never\"")
    }
    // Older files say it twice, and `tokenizers` refuses those that contradict themselves.
    if try field["add_prefix_space"].value(default: true) == false, prepending != .never {
      throw field["add_prefix_space"].mismatch(expected: "true where prepend_scheme is \"\(name)\"")
    }
    self.prepending = prepending
    splits = try field["split"].value(default: true)
  }

  /// Calls `body` with each part, and with whether the text begins with it.
  func split(
    _ text: UnsafeBufferPointer<UInt8>, startsText: Bool, _ body: (UnsafeBufferPointer<UInt8>, Bool) -> Void
  ) {
    var marked: [UInt8] = []
    marked.reserveCapacity(text.count + 2 * mark.count)
    let isPrepended = prepending == .always || prepending == .first && startsText
    if isPrepended, text[0] != 0x20, !text.starts(with: mark) { marked += mark }
    for byte in text {
      if byte == 0x20 { marked += mark } else { marked.append(byte) }
    }
    marked.withUnsafeBufferPointer { marked in
      guard splits else { return body(marked, startsText) }
      var start = 0
      while start < marked.count {
        var end = start + 1
        while end < marked.count, marked[end] != mark[0] || !marked[end...].starts(with: mark) { end += 1 }
        body(UnsafeBufferPointer(rebasing: marked[start..<end]), startsText && start == 0)
        start = end
      }
    }
  }
}
