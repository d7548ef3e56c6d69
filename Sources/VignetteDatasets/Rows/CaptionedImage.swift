/// An image and all of its captions: the unit of a data set, so that a bad image goes together with its captions.
public struct CaptionedImage: Sendable, Equatable {
  /// The data set's own number; where it has none, the image's place in the annotation file, from zero.
  public let id: Int
  /// The name that the annotation uses, which may have folders in it.
  public let fileName: String
  /// Where the file is.
  public let path: String
  /// In pixels, where the annotation tells.
  public let height: Int?
  /// In pixels, where the annotation tells.
  public let width: Int?
  public let cocoURL: String?
  /// In the order of the annotation file. Empty only in a test set without captions.
  public internal(set) var captions: [ReferenceCaption]

  public init(
    id: Int, fileName: String, path: String, height: Int? = nil, width: Int? = nil, cocoURL: String? = nil,
    captions: [ReferenceCaption] = []
  ) {
    self.id = id
    self.fileName = fileName
    self.path = path
    self.height = height
    self.width = width
    self.cocoURL = cocoURL
    self.captions = captions
  }
}
