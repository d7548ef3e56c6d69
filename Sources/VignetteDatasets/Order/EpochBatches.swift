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
