import Foundation
import VignetteTestSupport
import Testing
import VignetteTokenizers

/// A folder that Transformers loaded, and what it made of the awkward lines.
struct TokenizerCase: Decodable, Sendable, CustomTestStringConvertible {
  var name: String
  var base: String
  var files: [String: String]
  var vocabularySize: Int
  var modelMaxLength: Int?
  var specialIds: [String: Int]
  var firstIds: [[Int]]
  var ids: [String]
  var plainIds: [String]
  var decoded: [String]
  var decodedSkipping: [String]
  var decodedClean: [String]
  var decodedRandom: [String]

  var testDescription: String { name }

  static let all = cases("tokenizers/cases.json")

  static func cases(_ path: String) -> [TokenizerCase] {
    (try? Fixture.json([TokenizerCase].self, path, fromSnakeCase: true)) ?? []
  }

  /// The case's folder, built in `temporary`.
  func folder(in temporary: TemporaryFolder) throws -> URL {
    let isUnigram = Self.unigramBases.contains(base)
    let source = Fixture.url("\(isUnigram ? "unigram" : "tokenizers")/\(base)")
    for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
      try temporary.write(Data(contentsOf: source.appendingPathComponent(name)), to: name)
    }
    for (name, text) in files where name == "rename" {
      let names = try JSONDecoder().decode([String].self, from: Data(text.utf8))
      try FileManager.default.moveItem(
        at: temporary.url.appendingPathComponent(names[0]), to: temporary.url.appendingPathComponent(names[1])
      )
    }
    for (name, text) in files where name != "rename" {
      try temporary.write(
        name == "tokenizer.json" ? json(text, isUnigram, source) : Data(text.utf8), to: name)
    }
    return temporary.url
  }

  private func json(_ text: String, _ isUnigram: Bool, _ source: URL) throws -> Data {
    isUnigram ? try withPieces(text, source) : try withVocabulary(text, source)
  }

  private static let unigramBases: Set<String> = ["nmt_nfkc", "plain", "trained"]

  /// Puts the pieces and the character map of the base's `.model` file into a tokenizer.json that is kept without.
  private func withPieces(_ text: String, _ source: URL) throws -> Data {
    let name = try #require(
      FileManager.default.contentsOfDirectory(atPath: source.path).first { $0.hasSuffix(".model") })
    let model = try SentencePieceFile(contentsOf: source.appendingPathComponent(name))
    let pieces = try model.pieces.map { piece in
      "[\(String(decoding: try JSONEncoder().encode(piece.text), as: UTF8.self)),\(Double(piece.score))]"
    }
    let map = Data(model.characterMap).base64EncodedString()
    return Data(
      text.replacingOccurrences(
        of: "\"model\": {", with: "\"model\": {\"vocab\":[\(pieces.joined(separator: ","))],"
      )
      .replacingOccurrences(of: "\"precompiled_charsmap\": \"\"", with: "\"precompiled_charsmap\":\"\(map)\"")
      .utf8)
  }

  /// Puts the vocabulary of the base's files into a tokenizer.json that is kept without.
  private func withVocabulary(_ text: String, _ source: URL) throws -> Data {
    func lines(_ name: String) throws -> [String] {
      let text = String(decoding: try Data(contentsOf: source.appendingPathComponent(name)), as: UTF8.self)
      return text.split(separator: "\n").map { String($0) }
    }
    func quoted(_ text: String) throws -> String {
      String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
    }
    let sections: String
    if base == "bert" {
      let words = try lines("vocab.txt").enumerated().map { "\(try quoted($1)):\($0)" }
      sections = "\"vocab\":{\(words.joined(separator: ","))}"
    } else {
      let vocabulary = String(
        decoding: try Data(contentsOf: source.appendingPathComponent("vocab.json")), as: UTF8.self)
      let merges = try lines("merges.txt").dropFirst().map(quoted).joined(separator: ",")
      sections = "\"merges\":[\(merges)],\"vocab\":\(vocabulary)"
    }
    return Data(text.replacingOccurrences(of: "\"model\": {", with: "\"model\": {\(sections),").utf8)
  }
}
