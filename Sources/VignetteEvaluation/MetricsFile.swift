public import Foundation
public import VignetteDatasets
import VignetteFiles
public import VignetteModels
public import VignetteTensors

/// `metrics.json`: what an evaluation measured, with all that measuring the same again takes.
///
/// Scores alone can't be compared: the same captions have 10 BLEU-4 against one reference and 26 against five.
public struct MetricsFile: Sendable {
  public static let fileName = "metrics.json"

  /// By the names and in the units of `vignette evaluate`.
  public var metrics: [Metric]
  public var data: MeasuredData
  /// The options that captions were generated with, nothing left open; nil where that isn't known.
  public var generation: GenerationOptions?
  /// What captions were computed in; nil where that isn't known.
  public var dtype: Precision?
  /// Whether ROUGE compared the words' stems.
  public var usesStemmer: Bool
  /// The files that the captions come from, the model's weights or the captions themselves.
  public var sources: [URL]
  /// What scored captions by their images.
  public var imageTextScorers: [ImageTextScorer]
  /// The training step of the model; nil where that isn't known.
  public var step: Int?

  public init(
    metrics: [Metric], data: MeasuredData, generation: GenerationOptions? = nil, dtype: Precision? = nil,
    usesStemmer: Bool = true,
    sources: [URL] = [], imageTextScorers: [ImageTextScorer] = [], step: Int? = nil
  ) {
    self.metrics = metrics
    self.data = data
    self.generation = generation
    self.dtype = dtype
    self.usesStemmer = usesStemmer
    self.sources = sources
    self.imageTextScorers = imageTextScorers
    self.step = step
  }

  /// Writes the file, all or nothing.
  ///
  /// - Throws: what the file system says of ``sources`` and of `url`.
  public func write(to url: URL) throws {
    var object = JSONObject()
    object["metrics"] = .object(JSONObject(metrics.map { ($0.key, JSONValue.double($0.value)) }))
    object["data"] = data.json
    object["rouge"] = ["use_stemmer": .bool(usesStemmer)]
    object["generation"] = generation.map { JSONValue.object(Self.json($0)) }
    object["dtype"] = dtype.map { .string($0.rawValue) }
    object["step"] = step.map { JSONValue.int($0) }
    object["sha256"] = try Self.sums(of: sources)
    if !imageTextScorers.isEmpty {
      object["image_text_models"] = .array(
        try imageTextScorers.map {
          ["model": .string($0.folder.path), "sha256": try Self.sums(of: $0.weightFiles)]
        })
    }
    try JSONValue.object(object).write(to: url, .config)
  }

  /// SHA-256 of files, by their names.
  private static func sums(of files: [URL]) throws -> JSONValue {
    .object(
      JSONObject(
        try files.map { ($0.lastPathComponent, JSONValue.string("\(try SHA256Sum(contentsOf: $0))")) }))
  }

  /// A prompt is one of the options and, where captions are drawn at random, the seed.
  private static func json(_ generation: GenerationOptions) -> JSONObject {
    var options = generation.json
    options["prompt"] = generation.prompt.map { .string($0) }
    if generation.doSample == true {
      options["seed"] = generation.seed.map { Int(exactly: $0).map { .int($0) } ?? .largeInteger("\($0)") }
    }
    return options
  }
}

/// What captions were measured on, as `metrics.json` has it.
public struct MeasuredData: Sendable, Hashable {
  public let kind: DatasetKind
  public let split: DatasetSplit
  /// The annotation file.
  public let annotations: String
  /// With how many references each caption was compared.
  public let references: [Int]

  /// - Parameter references: for each measured caption, with how many references it was compared.
  public init(_ dataset: CaptionDataset, references: [Int]) {
    kind = dataset.kind
    split = dataset.split
    annotations = dataset.annotations
    self.references = references
  }

  var json: JSONValue {
    [
      "kind": .string(kind.rawValue), "split": .string(split.rawValue), "annotations": .string(annotations),
      "captions": .int(references.count),
      "references_per_caption": [
        "mean": .double(Double(references.reduce(0, +)) / Double(max(1, references.count))),
        "min": .int(references.min() ?? 0), "max": .int(references.max() ?? 0),
      ],
    ]
  }
}
