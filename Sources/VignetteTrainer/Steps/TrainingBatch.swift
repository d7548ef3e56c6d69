/// Images and the captions to learn for them.
public struct TrainingBatch {
  public let images: ImageInput
  public let labels: CaptionLabels
  /// How many adjacent captions belong to each image; one each if nil.
  public let captionsPerImage: [Int]?

  public init(images: ImageInput, labels: CaptionLabels, captionsPerImage: [Int]? = nil) {
    self.images = images
    self.labels = labels
    self.captionsPerImage = captionsPerImage
  }
}
