import VignetteFiles

/// A token that is found in text as a whole, before the model sees it.
package struct AddedToken: Sendable {
  package var content: String
  /// Whether `decode` leaves it out when special tokens are skipped.
  package var special = false
  /// Whether the white space to its left belongs to it.
  package var lstrip = false
  /// Whether the white space to its right belongs to it.
  package var rstrip = false
  /// Whether it is found only between characters that belong to no word.
  package var singleWord = false
  /// Whether it is looked for after normalisation, itself normalised.
  package var normalized = true

  /// A token given by name only.
  package init(special content: String) {
    self.content = content
    special = true
    normalized = false
  }

  /// A token as Hugging Face's files describe it; nil where there is no content.
  ///
  /// - Parameter special: what the file's own `special` gives way to.
  init?(_ value: JSONValue, special: Bool? = nil) {
    guard let content = value["content"]?.asString else { return nil }
    self.content = content
    self.special = special ?? value["special"]?.asBool ?? false
    lstrip = value["lstrip"]?.asBool ?? false
    rstrip = value["rstrip"]?.asBool ?? false
    singleWord = value["single_word"]?.asBool ?? false
    normalized = value["normalized"]?.asBool ?? !self.special
  }

  package var utf8: [UInt8] { Array(content.utf8) }
}

extension AddedToken: Equatable {
  /// Byte for byte, unlike Swift strings.
  package static func == (a: AddedToken, b: AddedToken) -> Bool {
    a.hasContent(b.content) && a.special == b.special && a.lstrip == b.lstrip && a.rstrip == b.rstrip
      && a.singleWord == b.singleWord && a.normalized == b.normalized
  }

  package func hasContent(_ other: String) -> Bool {
    content.utf8.elementsEqual(other.utf8)
  }
}
