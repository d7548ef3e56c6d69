import VignetteFiles

/// The pieces of a unigram model and their scores, by id.
struct UnigramVocabulary: Sendable {
  private(set) var tokens = Vocabulary(capacity: 1 << 12)
  /// The scores, rounded correctly.
  private(set) var scores: [Double] = []
  /// The scores as `tokenizers` reads them from a tokenizer.json.
  private(set) var looseScores: [Double] = []

  init() {}

  /// Adds a piece; a text that comes again keeps both ids, of which encoding gives the last.
  mutating func append(_ token: UnsafeBufferPointer<UInt8>, score: Double, looseScore: Double? = nil) {
    tokens.appendRepeatedly(token)
    scores.append(score)
    looseScores.append(looseScore ?? score)
  }

  mutating func append(_ token: String, score: Double) {
    var token = token
    token.withUTF8 { append($0, score: score) }
  }

  /// Reads a list of pairs of a token and its score.
  init(_ cursor: inout JSONCursor) throws(JSONFault) {
    try cursor.elements { (cursor) throws(JSONFault) in
      var index = 0
      var token: JSONText?
      try cursor.elements { (cursor) throws(JSONFault) in
        switch index {
        case 0: token = try cursor.text()
        case 1: try append(token, &cursor)
        default: throw cursor.fault("expected a pair of a token and its score")
        }
        index += 1
      }
      guard index == 2 else { throw cursor.fault("expected a pair of a token and its score") }
      guard scores.count <= Vocabulary.maximumID else {
        throw cursor.fault("more than \(Vocabulary.maximumID) tokens")
      }
    }
  }

  private mutating func append(_ token: JSONText?, _ cursor: inout JSONCursor) throws(JSONFault) {
    _ = cursor.peek()
    let start = cursor.position
    guard let score = try cursor.number().asNumber, score.isFinite else {
      throw JSONFault(position: start, problem: "expected a finite score", isMismatch: true)
    }
    let loose = LooseDecimal.value(UnsafeRawBufferPointer(rebasing: cursor.bytes[start..<cursor.position]))
    try token?.withBytes { (bytes) throws(JSONFault) in
      append(bytes, score: score, looseScore: loose.isFinite ? loose : score)
    }
  }
}

/// Reading decimals as Rust's serde_json does: the digits as one integer, then one product with or quotient by a power of
/// ten. That is quick, and one unit in the last place off now and then, which decides between ways of cutting a text.
enum LooseDecimal {
  /// The powers of ten, spelled out, so that they are rounded correctly.
  private static let powers = (0...308).map { Double("1e\($0)") ?? .infinity }

  /// The value of a number in JSON, which must be one.
  static func value(_ text: UnsafeRawBufferPointer) -> Double {
    var digits: UInt64 = 0
    var exponent = 0
    var isFraction = false
    var isFull = false
    var index = 0
    while index < text.count, text[index] | 0x20 != UInt8(ascii: "e") {
      let digit = text[index] &- UInt8(ascii: "0")
      index += 1
      if text[index - 1] == UInt8(ascii: ".") { isFraction = true }
      guard digit < 10 else { continue }
      let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      if isFull || overflow || carry {
        // Further digits count as zeros.
        isFull = true
        if !isFraction { exponent += 1 }
      } else {
        digits = sum
        if isFraction { exponent -= 1 }
      }
    }
    if index < text.count {
      exponent += Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0
    }
    let magnitude = scaled(Double(digits), exponent)
    return text.first == UInt8(ascii: "-") ? -magnitude : magnitude
  }

  private static func scaled(_ digits: Double, _ exponent: Int) -> Double {
    var (value, exponent) = (digits, exponent)
    while exponent < -308, value != 0 {
      value /= 1e308
      exponent += 308
    }
    guard value != 0 else { return 0 }
    let power = powers[min(308, abs(exponent))]
    return exponent < 0 ? value / power : value * power
  }
}
