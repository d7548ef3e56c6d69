#if Network
  import HTTPTypes
  import VignetteFiles

  /// Whether who asks may.
  struct KeyCheck: Sendable {
    private let sum: SHA256Sum?

    init(_ key: String?) { sum = key.map { SHA256Sum(Array($0.utf8)) } }

    var isRequired: Bool { sum != nil }

    /// - Throws: `RequestError` where the key is missing or wrong.
    func check(_ headers: HTTPFields) throws(RequestError) {
      if !allows(headers) { throw .unauthorized }
    }

    func allows(_ headers: HTTPFields) -> Bool {
      guard let sum else { return true }
      guard let key = Self.key(in: headers) else { return false }
      return Self.areEqual(SHA256Sum(Array(key.utf8)).description, sum.description)
    }

    private static func key(in headers: HTTPFields) -> String? {
      if let field = headers[.authorization] {
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
      }
      return HTTPField.Name("X-Api-Key").flatMap { headers[$0] }
    }

    /// Takes the same time wherever they differ, so that time tells nothing of the key; of sums of the keys, so that it
    /// doesn't tell the length either.
    private static func areEqual(_ left: String, _ right: String) -> Bool {
      guard left.utf8.count == right.utf8.count else { return false }
      return zip(left.utf8, right.utf8).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
  }
#endif
