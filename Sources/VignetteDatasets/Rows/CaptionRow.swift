public import VignetteFiles

/// One caption with its image, in the fields of the usual COCO loader for Hugging Face Datasets.
public struct CaptionRow: Sendable, Equatable {
  public let imageID: Int
  /// Absent in a test set without captions.
  public let captionID: Int?
  /// The caption exactly as annotated. Absent in a test set without captions.
  public let caption: String?
  public let height: Int?
  public let width: Int?
  public let fileName: String
  public let cocoURL: String?
  public let imagePath: String

  init(_ image: CaptionedImage, _ caption: ReferenceCaption?) {
    imageID = image.id
    captionID = caption?.id
    self.caption = caption?.text
    height = image.height
    width = image.width
    fileName = image.fileName
    cocoURL = image.cocoURL
    imagePath = image.path
  }

  /// The row as a JSON object with the loader's field names, without the fields that it lacks.
  public var json: JSONValue {
    let fields: [(String, JSONValue?)] = [
      ("image_id", .int(imageID)), ("caption_id", captionID.map(JSONValue.int)),
      ("caption", caption.map(JSONValue.string)), ("height", height.map(JSONValue.int)),
      ("width", width.map(JSONValue.int)), ("file_name", .string(fileName)),
      ("coco_url", cocoURL.map(JSONValue.string)), ("image_path", .string(imagePath)),
    ]
    return .object(JSONObject(fields.compactMap { name, value in value.map { (name, $0) } }))
  }
}
