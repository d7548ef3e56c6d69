/// The order in which a run sees a data set.
///
/// The batches of an epoch follow from the seed and the epoch's number alone, so that a run that was interrupted
/// goes on exactly where it was. The last batch of an epoch may be smaller.
public struct BatchPlan: Sendable {
  /// How many captions a batch holds at most.
  public let batchSize: Int
  /// Whether all captions of an image stand in the same batch, which then encodes the image once.
  ///
  /// Batches are filled with whole images, so a size that is a multiple of the captions per image (five in most
  /// data sets) leaves no gaps. An image with more captions than a batch holds is the exception: it is cut.
  public let groupCaptions: Bool
  /// Whether each epoch has an order of its own. Without, the order is the data set's: that of its images when
  /// captions are grouped, and the annotation file's own order of rows when they aren't.
  public let shuffle: Bool
  public let seed: UInt64

  private let items: [BatchItem]

  public init(_ dataset: CaptionDataset, batchSize: Int, groupCaptions: Bool, shuffle: Bool, seed: UInt64) {
    precondition(batchSize > 0, "a batch holds at least one caption")
    self.batchSize = batchSize
    self.groupCaptions = groupCaptions
    self.shuffle = shuffle
    self.seed = seed
    items =
      if groupCaptions {
        dataset.images.enumerated().map { BatchItem(image: $0, captions: 0..<$1.captions.count) }
      } else {
        dataset.rowPlaces.map { place in
          let caption = Int(place.caption)
          return BatchItem(image: Int(place.image), captions: caption < 0 ? 0..<0 : caption..<caption + 1)
        }
      }
  }

  /// The batches of an epoch, counted from zero.
  public func batches(epoch: Int) -> EpochBatches {
    guard shuffle else { return EpochBatches(of: batchSize, items) }
    var shuffled = items
    var generator = SeededGenerator(seed: seed, UInt64(bitPattern: Int64(epoch)))
    generator.shuffle(&shuffled)
    return EpochBatches(of: batchSize, shuffled)
  }
}
