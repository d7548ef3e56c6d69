public import Foundation
import VignetteCheckpoints
import VignetteFiles

/// The README.md of a trained model: front matter that the Hugging Face hub reads, results, settings, use.
public struct ModelCard: Sendable {
  public static let fileName = "README.md"

  /// The data that a model was trained and measured on.
  public struct Dataset: Sendable, Hashable {
    /// For people: "Flickr8k".
    public var name: String
    /// For the hub: "flickr8k", "user/dataset".
    public var identifier: String
    /// The part that it was measured on.
    public var split: String

    public init(name: String, identifier: String, split: String) {
      self.name = name
      self.identifier = identifier
      self.split = split
    }
  }

  public var name: String
  /// What was trained on what, in a sentence.
  public var summary: String
  /// An ISO 639-1 code; nil if it isn't known.
  public var language: String?
  /// The hub's identifier of a licence: "apache-2.0".
  public var license: String?
  /// The hub's identifiers of the models that it was made from.
  public var baseModels: [String]
  public var dataset: Dataset?
  public var records: [EvaluationRecord]
  /// The step of the evaluation whose model is kept; nil for the last.
  public var bestStep: Int?
  /// Of the captions of the last evaluation.
  public var health: CaptionHealth?
  public var settings: [Setting]
  /// Of the programs that made the model, by their names.
  public var versions: [Setting]

  public init(
    name: String, summary: String, language: String? = nil, license: String? = nil, baseModels: [String] = [],
    dataset: Dataset? = nil, records: [EvaluationRecord] = [], bestStep: Int? = nil,
    health: CaptionHealth? = nil, settings: [Setting] = [], versions: [Setting] = []
  ) {
    self.name = name
    self.summary = summary
    self.language = language
    self.license = license
    self.baseModels = baseModels
    self.dataset = dataset
    self.records = records
    self.bestStep = bestStep
    self.health = health
    self.settings = settings
    self.versions = versions
  }

  /// Writes the card to `url`, all or nothing.
  public func write(to url: URL) throws {
    try AtomicFile.write(Array(text.utf8), to: url)
  }

  /// The card.
  public var text: String { "---\n\(frontMatter)---\n\n\(body)\n" }

  /// The evaluation of the kept model, else the last.
  var result: EvaluationRecord? { records.first { $0.step == bestStep } ?? records.last }
}
