/// The `Content-Range` header of a partial response: `bytes 200-999/1000`, or `bytes */1000`.
struct ContentRange: Equatable {
  /// The first byte; nil where there was no range to satisfy.
  let start: Int?
  /// The size of the whole; nil where the server doesn't know.
  let total: Int?

  init?(_ header: String) {
    let words = header.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bytes" else { return nil }
    let parts = words[1].split(separator: "/")
    guard parts.count == 2 else { return nil }
    total = Int(parts[1])
    guard parts[0] != "*" else {
      start = nil
      return
    }
    let bounds = parts[0].split(separator: "-")
    guard bounds.count == 2, let start = Int(bounds[0]), let end = Int(bounds[1]), start <= end else {
      return nil
    }
    self.start = start
  }
}
