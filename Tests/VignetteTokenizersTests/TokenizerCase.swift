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

  static let all: [TokenizerCase] = {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return (try? decoder.decode([TokenizerCase].self, from: Fixture.data("tokenizers/cases.json"))) ?? []
  }()

  /// The case's folder, built in `temporary`.
  func folder(in temporary: TemporaryFolder) throws -> URL {
    let source = Fixture.url("tokenizers/\(base)")
    for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
      try temporary.write(Data(contentsOf: source.appendingPathComponent(name)), to: name)
    }
    for (name, text) in files {
      try temporary.write(name == "tokenizer.json" ? withVocabulary(text, source) : Data(text.utf8), to: name)
    }
    return temporary.url
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
