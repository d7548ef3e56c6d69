import Foundation
import VignetteTestSupport

/// The generator of Fixtures/makers/tokenizers.py, which draws the same lines.
struct AwkwardLines {
  struct Material: Decodable {
    var snippets: [String]
    var ranges: [[UInt32]]
    var sentences: [String]
    var lines: Int
    var block: Int
    var seed: UInt64
    var trainingSeed: UInt64
    var idsSeed: UInt64
    var firstLines: [String]
    var digests: [String]
  }

  static let material = Result {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(Material.self, from: Fixture.data("tokenizers/material.json"))
  }

  /// The lines whose ids the fixtures hold.
  static let all = Result {
    let material = try Self.material.get()
    var generator = AwkwardLines(seed: material.seed)
    return (0..<material.lines).map { _ in generator.line(material) }
  }

  /// The lines that the fixtures' tokenizers were trained on.
  static func training() throws -> [String] {
    let material = try Self.material.get()
    var generator = AwkwardLines(seed: material.trainingSeed)
    let sentences = repeatElement(material.sentences, count: 20).joined()
    return (0..<2000).map { _ in generator.line(material) } + sentences
  }

  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func below(_ bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % bound
  }

  private mutating func line(_ material: Material) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<(1 + below(10)) {
      if below(2) == 1 { text.append(" ") }
      if below(4) > 0 {
        text.append(contentsOf: material.snippets[below(material.snippets.count)].unicodeScalars)
      } else {
        let range = material.ranges[below(material.ranges.count)]
        for _ in 0..<(1 + below(3)) {
          let scalar = range[0] + UInt32(below(Int(range[1] + 1 - range[0])))
          if let scalar = Unicode.Scalar(scalar) { text.append(scalar) }
        }
      }
    }
    return String(text)
  }
}

/// FNV-1a digests of blocks of values, which stand for the values in the fixtures.
enum Digest {
  static func of(_ parts: some Sequence<[UInt8]>) -> String {
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for part in parts {
      for byte in part { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }
    let digits = String(digest, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  static func blocks(_ parts: [[UInt8]], of size: Int) -> [String] {
    stride(from: 0, to: parts.count, by: size).map { of(parts[$0..<min($0 + size, parts.count)]) }
  }

  static func bytes(_ ids: [Int]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(4 * ids.count + 4)
    for id in ids {
      for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: id >> shift)) }
    }
    return bytes + [0xFF, 0xFF, 0xFF, 0xFF]
  }

  static func bytes(_ text: String) -> [UInt8] {
    Array(text.utf8) + [0xFF]
  }
}
