import Synchronization
import Testing
import VignetteDatasets

@Suite struct BatchLoaderTests {
  struct Bad: Error { let item: Int }

  @Test(arguments: [true, false], [0, 2])
  func aLoaderHandsOverBatches(group: Bool, workers: Int) throws {
    let dataset = CaptionDataset(
      images: (0..<30).map { index in
        CaptionedImage(
          id: ImageID(index), fileName: "\(index)", path: "\(index)",
          captions: (0..<3).map { ReferenceCaption(id: 3 * index + $0, text: "") })
      })
    let plan = BatchPlan(dataset, batchSize: 6, groupCaptions: group, shuffle: group, seed: 3)
    let batches = plan.batches(epoch: 1)
    let loads = Mutex(0)
    let loader = BatchLoader(batches, from: 2, workers: workers, capacity: 5) { (image: Int) -> Int in
      loads.withLock { $0 += 1 }
      if image == 17 { throw Bad(item: image) }
      return image * 100
    }
    for batch in batches.dropFirst(2) {
      let loaded = try #require(loader.next())
      #expect(loaded.items == batch)
      #expect(loaded.images.count == 2 && Set(loaded.images) == Set(batch.map(\.image)))
      #expect(loaded.values.map { try? $0.get() } == loaded.images.map { $0 == 17 ? nil : $0 * 100 })
    }
    #expect(loader.next() == nil)
    #expect(loads.withLock { $0 } == 26)
  }
}
