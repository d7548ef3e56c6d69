public import Vignette
import VignetteFiles
import VignetteModels
import VignetteTensors

/// What an image–text model makes of captions that it is shown with their images.
///
/// A new one takes a file of its own and a line in ``ImageTextFamily/all``.
protocol ImageTextMeasure {
  /// What the values are called, in their order.
  var scoreNames: [String] { get }
  /// What stands before each text that the model is shown.
  var prompt: String { get }
  /// How many tokens the model knows.
  var vocabularySize: Int { get }
  /// The most tokens of a text, special ones included.
  var maximumLength: Int { get }
  /// How many special tokens a text needs around it.
  var specialTokenCount: Int { get }

  /// For each caption one value by each name; nil where that needs references and there are none.
  ///
  /// - Parameters:
  ///   - captions: token ids, special ones included.
  ///   - pixelValues: of their images, one each, [B, 3, height, width].
  /// - Throws: `ModelError` where images don't fit the model; `TensorMemoryError`.
  func values(of captions: [TokenizedCaption], pixelValues: Tensor) throws -> [[Double?]]
}

extension ImageTextMeasure {
  /// A start and an end.
  var specialTokenCount: Int { 2 }
}

/// A caption and what it may be compared with besides its image.
struct TokenizedCaption {
  var caption: [Int32]
  var references: [[Int32]]
}

/// A family of image–text models, by the `model_type` of their config.json.
struct ImageTextFamily: Sendable {
  let modelType: String
  /// Such a folder's name, for people.
  let example: String
  /// Builds the measure around the model that a config.json describes.
  let make: @Sendable (_ json: JSONField, _ weights: any WeightSource) throws -> any ImageTextMeasure

  static let all: [ImageTextFamily] = [.clip, .blip, .siglip]

  /// - Throws: `JSONError` where the folder is none of `families`.
  static func of(_ json: JSONField, among families: [ImageTextFamily]) throws -> ImageTextFamily {
    let modelType: String = try json["model_type"].value()
    if let family = families.first(where: { $0.modelType == modelType }) { return family }
    let known = families.map { "\"\($0.modelType)\" (such as \($0.example))" }.joinedAsAlternatives
    throw json["model_type"].error(
      "expected a model that compares images and texts, \(known), found \"\(Excerpt(modelType, limit: 60))\"")
  }
}

extension SupportedModels {
  /// `model_type` of models that compare images and texts.
  public static var imageTextModels: [String] { ImageTextFamily.all.map(\.modelType) }
}

/// The cosine of the angle between two embeddings; 0 where one has no direction, NaN where one isn't finite.
func cosine(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
  var (product, squareA, squareB) = (0.0, 0.0, 0.0)
  for (x, y) in zip(a, b) {
    product += Double(x) * Double(y)
    squareA += Double(x) * Double(x)
    squareB += Double(y) * Double(y)
  }
  let length = (squareA * squareB).squareRoot()
  guard length.isFinite else { return .nan }
  return length == 0 ? 0 : product / length
}

extension Tensor {
  /// The rows of a matrix.
  var rows: [ArraySlice<Float>] {
    let (values, width) = (floats, shape[1])
    return (0..<shape[0]).map { values[$0 * width..<($0 + 1) * width] }
  }
}
