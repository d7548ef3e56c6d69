import VignetteDatasets
import Testing

@Suite struct BatchPlanTests {
  private static func dataset(_ captions: [Int]) -> CaptionDataset {
    CaptionDataset(
      images: captions.enumerated().map { index, count in
        CaptionedImage(
          id: ImageID(index), fileName: "\(index).jpg", path: "/\(index).jpg",
          captions: (0..<count).map { ReferenceCaption(id: 10 * index + $0, text: "caption \($0)") })
      })
  }

  private static func plan(_ captions: [Int], _ size: Int, group: Bool, shuffle: Bool, seed: UInt64 = 1)
    -> BatchPlan
  {
    BatchPlan(dataset(captions), batchSize: size, groupCaptions: group, shuffle: shuffle, seed: seed)
  }

  /// A batch as its images, each with its captions: "0:01 2:0".
  private static func text(_ batches: EpochBatches) -> [String] {
    batches.map { $0.map { "\($0.image):\($0.captions.map(String.init).joined())" }.joined(separator: " ") }
  }

  @Test(arguments: [
    // Whole images, up to the size.
    ([2, 2, 2], 4, ["0:01 1:01", "2:01"]),
    ([2, 3, 1, 4], 4, ["0:01", "1:012 2:0", "3:0123"]),
    ([5, 4, 6, 7], 10, ["0:01234 1:0123", "2:012345", "3:0123456"]),
    ([4, 4], 4, ["0:0123", "1:0123"]),
    // More captions than a batch holds.
    ([5], 4, ["0:0123", "0:4"]),
    ([1, 9, 2], 4, ["0:0 1:012", "1:3456", "1:78 2:01"]),
    ([4, 9], 4, ["0:0123", "1:0123", "1:4567", "1:8"]),
    ([5, 5], 1, ["0:0", "0:1", "0:2", "0:3", "0:4", "1:0", "1:1", "1:2", "1:3", "1:4"]),
    // No captions at all.
    ([0, 0, 0], 2, ["0: 1:", "2:"]),
    ([], 2, []),
  ])
  func groupsTheCaptionsOfAnImage(captions: [Int], size: Int, expected: [String]) {
    #expect(Self.text(Self.plan(captions, size, group: true, shuffle: false).batches(epoch: 0)) == expected)
  }

  @Test func withoutGroupsEachCaptionIsARow() {
    let plan = Self.plan([2, 1, 3], 4, group: false, shuffle: false)
    #expect(Self.text(plan.batches(epoch: 0)) == ["0:0 0:1 1:0 2:0", "2:1 2:2"])
    #expect(Self.text(plan.batches(epoch: 5)) == Self.text(plan.batches(epoch: 0)))
  }

  @Test(arguments: [true, false], [1, 3, 8, 1000])
  func anEpochHasEveryCaptionOnce(group: Bool, size: Int) {
    let captions = (0..<200).map { 4 + $0 % 4 }
    let plan = Self.plan(captions, size, group: group, shuffle: true)
    let epochs = (0..<3).map { plan.batches(epoch: $0) }
    for batches in epochs {
      let rows = batches.flatMap { $0.flatMap { item in item.captions.map { [item.image, $0] } } }
      #expect(rows.count == captions.reduce(0, +) && Set(rows).count == rows.count)
      #expect(batches.allSatisfy { $0.reduce(0) { $0 + $1.captions.count } <= size })
    }
    #expect(Self.text(epochs[0]) != Self.text(epochs[1]))
    #expect(Self.text(plan.batches(epoch: 1)) == Self.text(epochs[1]))
    let other = Self.plan(captions, size, group: group, shuffle: true, seed: 2)
    #expect(Self.text(other.batches(epoch: 0)) != Self.text(epochs[0]))
  }

  /// A run that is resumed by another release must find the same order.
  @Test func theOrderNeverChanges() {
    let plan = Self.plan(Array(repeating: 1, count: 10), 10, group: true, shuffle: true, seed: 42)
    let orders = [0, 1, 1_000_000].map { plan.batches(epoch: $0)[0].map(\.image) }
    #expect(
      orders == [
        [5, 1, 9, 6, 7, 2, 4, 0, 8, 3], [8, 3, 2, 9, 6, 1, 5, 7, 0, 4], [8, 6, 4, 0, 7, 2, 5, 1, 9, 3],
      ])
  }

  /// Every place is equally likely for every element.
  @Test func shufflesFairly() {
    var counts = [[Int]](repeating: [0, 0, 0, 0, 0], count: 5)
    for epoch in 0..<20_000 {
      let plan = Self.plan([1, 1, 1, 1, 1], 5, group: true, shuffle: true, seed: 7)
      for (place, item) in plan.batches(epoch: epoch)[0].enumerated() { counts[place][item.image] += 1 }
    }
    #expect(counts.flatMap(\.self).allSatisfy { abs($0 - 4000) < 250 })
  }
}
