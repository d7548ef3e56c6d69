import Testing

import VignetteTensors

@Suite struct MemorySegmentsTests {
  @Test func takesTheSmallestFreeBlockThatSuffices() {
    var memory = MemorySegments()
    memory.add(1 << 20, byteCount: 1 << 20)
    memory.add(1 << 30, byteCount: 1 << 18)
    #expect(memory.take(1 << 18) == 1 << 30)
    #expect(memory.take(1 << 18) == 1 << 20)
    #expect(memory.take(1 << 21) == nil)
  }

  @Test func freeNeighboursBecomeOne() {
    var memory = MemorySegments()
    memory.add(1 << 20, byteCount: 3 << 20)
    let blocks = (0..<3).compactMap { _ in memory.take(1 << 20) }
    #expect(blocks.count == 3)
    #expect(memory.take(1 << 20) == nil)
    for block in blocks.reversed() { memory.give(block) }
    #expect(memory.take(3 << 20) == 1 << 20)
  }

  /// Whatever is taken and given back in whatever order, blocks lie within segments and apart from each other,
  /// and all memory is there again at the end.
  @Test(arguments: 0..<8 as Range<UInt64>) func blocksNeverOverlap(seed: UInt64) {
    var memory = MemorySegments()
    var generator = RandomGenerator(seed: seed)
    func random(below bound: Int) -> Int { Int(generator.next() % UInt64(bound)) }
    let segments: [ClosedRange<UInt>] = [1 << 24...(1 << 24) + (1 << 22), 1 << 26...(1 << 26) + (1 << 23)]
    for segment in segments {
      memory.add(segment.lowerBound, byteCount: Int(segment.upperBound - segment.lowerBound))
    }
    var taken: [(address: UInt, count: Int)] = []
    for _ in 0..<3000 {
      if random(below: 5) < 3 {
        let count = (random(below: 1 << 18) / 64 + 1) * 64
        if let address = memory.take(count) { taken.append((address, count)) }
      } else if !taken.isEmpty {
        memory.give(taken.remove(at: random(below: taken.count)).address)
      }
      let ordered = taken.sorted { $0.address < $1.address }
      #expect(zip(ordered, ordered.dropFirst()).allSatisfy { $0.address + UInt($0.count) <= $1.address })
    }
    #expect(!taken.isEmpty)
    #expect(
      taken.allSatisfy { block in
        segments.contains { $0.contains(block.address) && $0.contains(block.address + UInt(block.count)) }
      })
    for block in taken { memory.give(block.address) }
    #expect(Set(memory.removeFree()) == Set(segments.map(\.lowerBound)))
    #expect(memory.take(64) == nil)
  }
}
