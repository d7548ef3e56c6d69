import Foundation
import VignetteModels
import Testing

/// Random choices, tested by how often they fall.
@Suite struct SamplingTests {
  /// Always the same logits.
  struct Fixed: DecodingModel {
    let logits: [Float]
    var imageCount = 1
    var vocabularySize: Int { logits.count }
    var maximumLength: Int { 8 }
    func begin(prompts: [[Int]], logits row: UnsafeMutableBufferPointer<Float>) {
      step(tokens: [], parents: [], logits: row)
    }
    func step(tokens: [Int], parents: [Int], logits row: UnsafeMutableBufferPointer<Float>) {
      for index in row.indices { row[index] = logits[index % logits.count] }
    }
  }

  static let logits: [Float] = [0, 1, 2, 3, -1, 2.5, -.infinity, 1.5]

  static func frequencies(_ options: GenerationOptions, draws: Int) throws -> [Double] {
    var model = Fixed(logits: logits)
    var counts = [Double](repeating: 0, count: logits.count)
    let all = options.filled(
      from: .init(maxLength: 2, doSample: true, numReturnSequences: draws, bosTokenID: 0))
    for output in try model.generate(all)[0] { counts[output.tokenIDs[1]] += 1 / Double(draws) }
    return counts
  }

  static func softmax(_ logits: [Double]) -> [Double] {
    let weights = logits.map { exp($0) }
    return weights.map { $0 / weights.reduce(0, +) }
  }

  static func expectClose(_ seen: [Double], _ expected: [Double], draws: Int) {
    for (own, probability) in zip(seen, expected) {
      // Five standard deviations.
      #expect(
        abs(own - probability) <= 5 * (probability * (1 - probability) / Double(draws)).squareRoot() + 1e-9)
    }
  }

  @Test(arguments: [1.0, 0.5, 2.0])
  func tokensFallAsOftenAsTheyShould(_ temperature: Double) throws {
    let seen = try Self.frequencies(.init(temperature: temperature, topK: 0), draws: 40_000)
    Self.expectClose(seen, Self.softmax(Self.logits.map { Double($0) / temperature }), draws: 40_000)
  }

  @Test func filtersRenormalize() throws {
    let seen = try Self.frequencies(.init(topK: 3), draws: 40_000)
    let kept = Self.logits.map { $0 >= 2 ? Double($0) : -.infinity }
    Self.expectClose(seen, Self.softmax(kept), draws: 40_000)
  }

  /// Two draws without replacement: the chance of a pair is p(first) · p(second) / (1 − p(first)).
  @Test func beamsAreDrawnWithoutReplacement() throws {
    let draws = 20_000
    var seen = [Double](repeating: 0, count: Self.logits.count)
    for seed in 0..<draws {
      var model = Fixed(logits: Self.logits)
      let outputs = try model.generate(
        .init(
          maxLength: 2, numBeams: 2, doSample: true, numReturnSequences: 2, seed: UInt64(seed), topK: 0,
          bosTokenID: 0))
      #expect(outputs[0][0].tokenIDs != outputs[0][1].tokenIDs)
      for output in outputs[0] { seen[output.tokenIDs[1]] += 1 / Double(draws) }
    }
    let p = Self.softmax(Self.logits.map(Double.init))
    let expected = p.indices.map { token in
      p[token] + p.indices.reduce(0.0) { $1 == token ? $0 : $0 + p[$1] * p[token] / (1 - p[$1]) }
    }
    Self.expectClose(seen, expected, draws: draws)
  }

  @Test func beamScoresAreThoseOfTheTokens() throws {
    var model = Fixed(logits: Self.logits)
    let outputs = try model.generate(
      .init(maxLength: 5, numBeams: 3, doSample: true, lengthPenalty: 0, topK: 0, bosTokenID: 0))
    let score = try #require(outputs[0][0].score)
    #expect(abs(outputs[0][0].tokenLogProbabilities.reduce(0, +) - score) < 1e-5)
  }

  @Test(arguments: [1, 3])
  func seedAndImageDecide(_ beams: Int) throws {
    let options = GenerationOptions(
      maxLength: 12, numBeams: beams, doSample: true, seed: 5, decoderStartTokenID: 1, eosTokenIDs: [2])
    var batch = HashedCaptioner(images: [7, 8, 9])
    let together = try batch.generate(options)
    var single = HashedCaptioner(images: [9])
    #expect(try single.generate(options)[0] == together[2])
    var other = HashedCaptioner(images: [7, 8, 9])
    #expect(try other.generate(GenerationOptions(seed: 6).filled(from: options)) != together)
  }
}
