package import Foundation
package import VignetteFiles
import VignetteTensors

/// A family of captioners, by the `model_type` of their config.json.
///
/// A new one takes a file of its own and a line in ``all``.
package struct CaptionFamily: Sendable {
  package let modelType: String
  /// Whether it has learned to go on from a text that a caption begins with.
  package let takesPrompt: Bool
  /// Throws a `JSONError` where a config.json of this `model_type` is not a captioner's.
  package let check: @Sendable (_ json: JSONField) throws -> Void
  /// Builds the model that a config.json describes, from weights of any source.
  package let make: @Sendable (_ json: JSONField, _ weights: any WeightSource) throws -> any CaptionModel

  package init(
    _ modelType: String, takesPrompt: Bool = false,
    check: @escaping @Sendable (_ json: JSONField) throws -> Void = { _ in },
    make: @escaping @Sendable (_ json: JSONField, _ weights: any WeightSource) throws -> any CaptionModel
  ) {
    self.modelType = modelType
    self.takesPrompt = takesPrompt
    self.check = check
    self.make = make
  }

  /// The families there are.
  package static let all: [CaptionFamily] = [
    .visionEncoderDecoder, .blip, .git,
  ]

  /// Loads the captioner of a Hugging Face checkpoint folder: config.json and the weights beside it.
  ///
  /// - Parameter families: those that are known.
  /// - Throws: `CheckpointError`, `JSONError`, ``ModelError`` or a reader's error: each names the file
  ///   and what is wrong.
  package static func loadModel(at folder: URL, among families: [CaptionFamily] = all) throws
    -> any CaptionModel
  {
    try checkedModel(at: folder, among: families) { try CheckpointWeights(folder: folder) }
  }

  /// The captioner that a folder's config.json describes, without weights: it tells of itself and computes nothing.
  ///
  /// - Throws: `JSONError`.
  package static func describedModel(at folder: URL, among families: [CaptionFamily] = all) throws
    -> any CaptionModel
  {
    try checkedModel(at: folder, among: families) { AbsentWeights() }
  }

  /// Checks names and shapes of the weights beside a config.json against the model that it describes; no value is read.
  ///
  /// - Throws: as ``loadModel(at:among:)``.
  package static func checkWeights(at folder: URL, among families: [CaptionFamily] = all) throws {
    _ = try checkedModel(at: folder, among: families) {
      try CheckpointWeights(folder: folder).withoutValues
    }
  }

  private static func checkedModel(
    at folder: URL, among families: [CaptionFamily], _ weights: () throws -> any WeightSource
  ) throws -> any CaptionModel {
    let json = try JSONField(contentsOf: folder.appendingPathComponent("config.json"))
    let family = try family(of: json, among: families)
    try family.check(json)
    return try MemoryFault.thrown(by: "the model in \(folder.path)") { try family.make(json, weights()) }
  }

  /// Whether a model's family goes on from a text that a caption begins with.
  package static func takesPrompt(_ model: any CaptionModel) -> Bool {
    all.first { $0.modelType == model.configuration.modelType }?.takesPrompt ?? false
  }

  /// Makes sure that a folder's config.json is a captioner's, before anything else that the folder lacks is named.
  ///
  /// - Throws: `JSONError`, which says what the model is instead.
  package static func check(_ folder: URL, among families: [CaptionFamily] = all) throws {
    let json = try JSONField(contentsOf: folder.appendingPathComponent("config.json"))
    try family(of: json, among: families).check(json)
  }

  private static func family(of json: JSONField, among families: [CaptionFamily]) throws -> CaptionFamily {
    let modelType: String = try json["model_type"].value()
    if let family = families.first(where: { $0.modelType == modelType }) { return family }
    let known = families.map { "\"\($0.modelType)\"" }.joinedAsAlternatives
    throw json["model_type"].error(
      "expected a model that captions images (\(known)), found \"\(Excerpt(modelType, limit: 60))\"\(kind(modelType))"
    )
  }

  /// What else a model is, as an apposition.
  private static func kind(_ modelType: String) -> String {
    if DecoderArchitecture.all.contains(where: { $0.modelType == modelType }) {
      return ", a language model alone"
    }
    if EncoderArchitecture.all.contains(where: { $0.modelType == modelType }) {
      return ", a vision encoder alone"
    }
    return unsupported.contains(modelType) ? ", a captioner of a family that is not supported" : ""
  }

  private static let unsupported: Set<String> = [
    "blip-2", "instructblip", "kosmos-2", "pix2struct", "udop", "florence2",
  ]
}
