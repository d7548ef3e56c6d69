/// Rules for what comes from the web: markup, addresses and names.
extension PTBText {
  /// A tag of HTML: `<br/>`, `<a href="x">`. A value needs quotes.
  func markup(at start: Int) -> PTBMatch? {
    guard self[start] == "<" else { return nil }
    let name = self[start + 1] == "/" ? start + 2 : start + 1
    guard self[name].isASCIILetter || self[name] == "!" || self[name] == "?" else { return nil }
    var index = name + 1
    while index < count, self[index] != "<", self[index] != "&", self[index] != "\n" {
      if self[index] == ">" { return PTBMatch(length: index + 1 - start) }
      if self[index] == "=" {
        guard self[index + 1] == "\"" || self[index + 1] == "'" else { return nil }
        let quote = self[index + 1]
        index = run(from: index + 2) { $0 != quote }
      }
      index += 1
    }
    return nil
  }

  /// `http://` and an address, or a bare host name with a path.
  func webAddress(at start: Int) -> PTBMatch? {
    for scheme in ["http://", "https://"] as [StaticString] where matches(scheme, at: start) {
      let host = start + scheme.utf8CodeUnitCount
      let end = addressEnd(from: host)
      let dot = run(from: host) { $0 != "." }
      return dot > host && dot + 1 < end ? PTBMatch(length: end - start) : nil
    }
    guard let host = dottedWord(at: start).map({ start + $0.length }), self[host] == "/" else { return nil }
    let top = scalars[..<host].lastIndex(of: ".") ?? start
    let isWeb =
      self[start] == "w" && matches("www.", at: start) && (3...5).contains(host - top)
      || (["com", "net", "org", "edu"] as [StaticString]).contains {
        host - top == 4 && matches($0, at: top + 1)
      }
    let end = addressEnd(from: host)
    return isWeb && end - host > 2 ? PTBMatch(length: end - start) : nil
  }

  /// The end of an address that begins at `start`, without punctuation after it.
  private func addressEnd(from start: Int) -> Int {
    var end = run(from: start) { !Self.endAddress.contains($0) }
    while end > start, Self.trailAddress.contains(self[end - 1]) { end -= 1 }
    return end
  }

  private static let endAddress: Set<Unicode.Scalar> = [
    " ", "\t", "\n", "\r", "\u{0C}", "\"", "<", ">", "|", "(", ")",
  ]
  private static let trailAddress: Set<Unicode.Scalar> = [".", "!", "?", ",", "{", "}", "-"]

  /// An e-mail address.
  func email(at start: Int) -> PTBMatch? {
    guard start < lastAtSign, self[start].isASCIIAlphanumeric else { return nil }
    let end = run(from: start) { !Self.endEmail.contains($0) }
    guard let at = scalars[(start + 1)..<end].dropLast().lastIndex(of: "@") else { return nil }
    var domain = at + 1
    while domain < end,
      self[domain] != "." || (domain > at + 1 && domain + 1 < end && self[domain + 1] != ".")
    {
      domain += 1
    }
    return domain > at + 1 ? PTBMatch(length: domain - start) : nil
  }

  private static let endEmail: Set<Unicode.Scalar> = [
    " ", "\t", "\n", "\r", "\u{0C}", "\u{A0}", "\"", "<", ">", "|", "(", ")", "{", "}",
  ]

  /// `@name` and `#topic`.
  func socialName(at start: Int) -> PTBMatch? {
    if self[start] == "@", self[start + 1].isASCIILetter || self[start + 1] == "_" {
      return PTBMatch(length: run(from: start + 1) { $0.isASCIIAlphanumeric || $0 == "_" } - start)
    }
    guard self[start] == "#", kind(start + 1) == .letter else { return nil }
    var end = start + 1
    while kind(end) == .letter { end += 1 }
    return PTBMatch(length: end - start)
  }
}
