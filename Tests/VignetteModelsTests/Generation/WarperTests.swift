import Foundation
import VignetteModels
import VignetteTestSupport
import Testing

@Suite struct WarperTests {
  struct Case: Decodable {
    let logits: [Float]
    let kept: [Kept]
  }

  struct Kept: Decodable {
    let option: String
    let value: Double
    let minTokensToKeep: Int
    let kept: [Int]

    var warper: (any LogitsProcessor)? {
      switch option {
      case "top_k": TopK(count: Int(value), minTokensToKeep: minTokensToKeep)
      case "top_p": TopP(mass: value, minTokensToKeep: minTokensToKeep)
      case "top_h": TopH(part: value)
      case "min_p": ProbabilityCutoff.minP(value, minTokensToKeep: minTokensToKeep)
      case "typical_p": TypicalP(mass: value, minTokensToKeep: minTokensToKeep)
      case "epsilon_cutoff": ProbabilityCutoff.epsilon(value, minTokensToKeep: minTokensToKeep)
      case "eta_cutoff": ProbabilityCutoff.eta(value, minTokensToKeep: minTokensToKeep)
      default: nil
      }
    }
  }

  @Test(arguments: ["generation/warpers.json", "generation_options/cutoffs.json"])
  func keepTheTokensThatTransformersKeeps(_ fixture: String) throws {
    for example in try Fixture.json([Case].self, fixture) {
      for expected in example.kept {
        let warper = try #require(expected.warper)
        var scores = example.logits
        scores.withUnsafeMutableBufferPointer { warper.process($0, prefix: []) }
        let kept = scores.indices.filter { scores[$0] > -.infinity }
        #expect(kept == expected.kept, "\(expected.option) \(expected.value)")
        #expect(kept.allSatisfy { scores[$0] == example.logits[$0] })
      }
    }
  }

  /// Nothing is left to choose from, which must not trap.
  @Test func survivesRowsOfNothing() {
    let warpers: [any LogitsProcessor] = [
      TopK(count: 3, minTokensToKeep: 2), TopP(mass: 0.5, minTokensToKeep: 2),
      TypicalP(mass: 0.5, minTokensToKeep: 2), TopH(part: 0.5),
      ProbabilityCutoff.minP(0.1, minTokensToKeep: 2),
      ProbabilityCutoff.epsilon(0.1, minTokensToKeep: 2), ProbabilityCutoff.eta(0.1, minTokensToKeep: 2),
    ]
    for warper in warpers {
      var scores = [Float](repeating: -.infinity, count: 20)
      scores.withUnsafeMutableBufferPointer { warper.process($0, prefix: [1]) }
      #expect(scores.allSatisfy { $0 == -.infinity })
    }
  }

  @Test(arguments: [1, 7, 8, 48, 50257])
  func softmaxEqualsDoublePrecision(_ count: Int) {
    let scores = (0..<count).map { Float(($0 * 7919) % 1009) / 40 - 30 }
    let normalizer = scores.withUnsafeBufferPointer(Softmax.normalizer)
    let greatest = Double(scores.max() ?? 0)
    let sum = scores.reduce(0.0) { $0 + exp(Double($1) - greatest) }
    for score in scores.prefix(50) {
      #expect(
        abs(Double(normalizer.logProbability(of: score)) - (Double(score) - greatest - log(sum))) < 3e-6)
    }
  }
}
