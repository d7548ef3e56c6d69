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
        dataset.rowIndices.map { row in
          let caption = Int(row.caption)
          return BatchItem(image: Int(row.image), captions: caption < 0 ? 0..<0 : caption..<caption + 1)
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

/// An image and those of its captions that stand in a batch together.
public struct BatchItem: Sendable, Hashable {
  /// The image's index in the data set.
  public let image: Int
  /// Indices among the image's captions; empty for an image without captions.
  public let captions: Range<Int>

  public init(image: Int, captions: Range<Int>) {
    self.image = image
    self.captions = captions
  }

  /// What it counts towards the size of a batch.
  var size: Int { max(captions.count, 1) }
}

/// The batches of one epoch: which images and captions, not the images.
public struct EpochBatches: RandomAccessCollection, Sendable {
  private var items: [BatchItem] = []
  private var ends: [Int] = []

  public var startIndex: Int { 0 }
  public var endIndex: Int { ends.count }

  public subscript(position: Int) -> ArraySlice<BatchItem> {
    items[(position == 0 ? 0 : ends[position - 1])..<ends[position]]
  }

  /// Fills batches of `size` captions with `items` in their order.
  ///
  /// An item stays whole and opens a new batch when it doesn't fit into the last one. Only an item larger than a
  /// whole batch is cut: it fills the last batch up and goes on in the next ones.
  init(of size: Int, _ source: some Sequence<BatchItem>) {
    var room = size
    for item in source {
      if item.size > room && (item.size <= size || room == 0) {
        close()
        room = size
      }
      var rest = item
      while rest.size > room {
        let cut = rest.captions.lowerBound + room
        items.append(BatchItem(image: rest.image, captions: rest.captions.lowerBound..<cut))
        rest = BatchItem(image: rest.image, captions: cut..<rest.captions.upperBound)
        close()
        room = size
      }
      items.append(rest)
      room -= rest.size
    }
    close()
  }

  private mutating func close() {
    if items.count > ends.last ?? 0 { ends.append(items.count) }
  }
}
