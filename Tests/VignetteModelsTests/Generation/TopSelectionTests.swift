import VignetteModels
import VignetteTestSupport
import Testing

@Suite struct TopSelectionTests {
  struct Case: Decodable {
    let digits: String
    let k: Int
    let indices: [Int]
  }

  /// Which of many equal scores are taken, and in which order.
  @Test func takesWhatTorchTakes() throws {
    for expected in try Fixture.json([Case].self, "generation/top_k.json") {
      let scores = expected.digits.compactMap { $0.wholeNumberValue.map(Float.init) }
      #expect(TopSelection.best(expected.k, of: scores).map(\.index) == expected.indices)
    }
  }

  /// The heap's scan in blocks gives what sorting gives, where all scores differ.
  @Test(arguments: [(1000, 1), (1000, 15), (4097, 8), (50257, 12), (50257, 300)])
  func equalsSorting(_ total: Int, _ count: Int) {
    let scores = (0..<total).map { Float(($0 * 7919 + 13) % total) - 300 }
    let best = TopSelection.best(count, of: scores)
    let sorted = scores.indices.sorted { scores[$0] > scores[$1] }
    #expect(best.map(\.index) == Array(sorted.prefix(count)))
    #expect(best.map(\.score) == sorted.prefix(count).map { scores[$0] })
  }

  @Test func toleratesNotANumber() {
    let scores = (0..<90).map { $0 % 3 == 0 ? Float.nan : Float($0) }
    #expect(TopSelection.best(40, of: scores).map(\.score).filter(\.isNaN).count == 30)
  }
}
