import VignetteModels
import Testing

@Suite struct TokenPositionsTests {
  @Test func countedAnewInEachRow() {
    #expect(TokenPositions.counted.ofRows([7, 1, 1, 9, 7, 8], length: 3) == [0, 1, 2, 0, 1, 2])
    #expect(TokenPositions.counted.ofNext([1, 5], after: 4) == [4, 5])
  }

  @Test func countedFromARow() {
    #expect(TokenPositions.countedFrom(2).ofRows([7, 1, 1, 9, 7, 8], length: 3) == [2, 3, 4, 2, 3, 4])
    #expect(TokenPositions.countedFrom(2).ofNext([1, 5], after: 4) == [6, 7])
  }

  /// What Transformers' `create_position_ids_from_input_ids` gives.
  @Test func paddingIsNotCounted() {
    let positions = TokenPositions.countedFromPadding(1)
    #expect(positions.ofRows([0, 5, 1, 6, 1, 0, 1, 1], length: 4) == [2, 3, 1, 4, 1, 2, 1, 1])
  }

  /// One token at a time, Transformers knows how many came before, not which.
  @Test func earlierPaddingCountsWhenDecoding() {
    let positions = TokenPositions.countedFromPadding(1)
    #expect([0, 1, 5].enumerated().map { positions.ofNext([$1], after: $0)[0] } == [2, 1, 4])
  }
}
