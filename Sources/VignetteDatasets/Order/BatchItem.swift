/// An image and those of its captions that stand in a batch together.
public struct BatchItem: Sendable, Hashable {
  /// The image's place in the data set.
  public let image: Int
  /// Places among the image's captions; empty for an image without captions.
  public let captions: Range<Int>

  public init(image: Int, captions: Range<Int>) {
    self.image = image
    self.captions = captions
  }

  /// What it counts towards the size of a batch.
  var size: Int { max(captions.count, 1) }
}
