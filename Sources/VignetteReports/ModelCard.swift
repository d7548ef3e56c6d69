public import Foundation
import VignetteEvaluation
import VignetteFiles
public import VignetteTrainer

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
  /// config.json's `model_type`.
  public var modelType: String
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
  public var settings: [SettingValue]
  /// Of the programs that made the model, by their names.
  public var versions: [SettingValue]
  /// How warnings call options, which stand in them in backquotes.
  public var spelling: @Sendable (String) -> String = { $0 }

  public init(
    name: String, summary: String, modelType: String = "vision-encoder-decoder", language: String? = nil,
    license: String? = nil, baseModels: [String] = [],
    dataset: Dataset? = nil, records: [EvaluationRecord] = [], bestStep: Int? = nil,
    health: CaptionHealth? = nil, settings: [SettingValue] = [], versions: [SettingValue] = []
  ) {
    self.name = name
    self.summary = summary
    self.modelType = modelType
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

extension ModelCard {
  /// The card's metadata, in the order in which Transformers writes them.
  var frontMatter: String {
    var lines = ["library_name: transformers", "pipeline_tag: image-to-text"]
    lines += list("language", language.map { [$0] } ?? [])
    if let license { lines.append("license: \(YAML.string(license))") }
    lines += list("base_model", baseModels)
    lines += list("tags", [modelType, "image-captioning", "image-to-text", "vignette"])
    lines += list("datasets", dataset.map { [$0.identifier] } ?? [])
    lines += list("metrics", metricTypes)
    lines += modelIndex
    return lines.map { $0 + "\n" }.joined()
  }

  private func list(_ key: String, _ values: [String]) -> [String] {
    values.isEmpty ? [] : ["\(key):"] + values.map { "- \(YAML.string($0))" }
  }

  private var metricTypes: [String] {
    var types: [String] = []
    for metric in result?.metrics ?? [] {
      if let type = metric.type, !types.contains(type) { types.append(type) }
    }
    return types
  }

  // The hub refuses a result without a dataset or without metrics.
  private var modelIndex: [String] {
    let metrics = (result?.metrics ?? []).compactMap { metric -> [String]? in
      guard let type = metric.type, let value = YAML.number(metric.shownValue) else { return nil }
      return ["    - type: \(type)", "      name: \(YAML.string(metric.name))", "      value: \(value)"]
    }
    guard let dataset, !metrics.isEmpty else { return [] }
    return [
      "model-index:",
      "- name: \(YAML.string(name))",
      "  results:",
      "  - task:",
      "      type: image-to-text",
      "      name: Image-to-Text",
      "    dataset:",
      "      type: \(YAML.string(dataset.identifier))",
      "      name: \(YAML.string(dataset.name))",
      "      split: \(YAML.string(dataset.split))",
      "    metrics:",
    ] + metrics.joined()
  }
}

extension Metric {
  /// What the hub calls the family; nil for what is no score.
  fileprivate var type: String? {
    ["rouge", "bleu", "cider", "meteor"].first { key.lowercased().hasPrefix($0) }
  }
}

extension ModelCard {
  /// The card's text.
  var body: String {
    let title = "# \(Markdown.escape(name))\n\n\(Markdown.escape(summary))"
    return [title, results, use, settingsSection, versionsSection].compactMap(\.self)
      .joined(separator: "\n\n")
  }

  private var results: String? {
    guard let result else { return nil }
    let place =
      dataset.map { " on the \(Markdown.escape($0.split)) split of \(Markdown.escape($0.name))" } ?? ""
    var parts = [
      "## Results",
      "Measured\(place); the row of the model kept here, after step \(result.step), is in bold. \(result.scales)",
      table,
    ]
    if let health {
      parts.append("Of the last evaluation's captions, \(Markdown.escape(health.summary)).")
      parts += health.warnings.map { "> **Look out:** \(Markdown.escape(spelling($0)))" }
    }
    return parts.joined(separator: "\n\n")
  }

  private var table: String {
    let metrics = result?.metrics ?? []
    let rows = records.map { record in
      let cells = record.cells(of: metrics)
      return record.step == result?.step ? cells.map { "**\($0)**" } : cells
    }
    let titles =
      ["Epoch", "Step", "Training loss", "Validation loss"] + metrics.map { Markdown.escape($0.name) }
    return Markdown.table(titles, rows, leftColumns: 0)
  }

  /// Transformers' class.
  private var modelClass: String {
    ["blip": "BlipForConditionalGeneration", "git": "GitForCausalLM"][modelType]
      ?? "VisionEncoderDecoderModel"
  }

  private var use: String {
    """
    ## Use

    On the command line, with Vignette:

    ```sh
    vignette caption --model path/to/this/folder photo.jpg
    ```

    In Swift:

    ```swift
    import Foundation
    import Vignette

    let captioner = try await Captioner(modelAt: URL(filePath: "path/to/this/folder"))
    let caption = try await captioner.caption(URL(filePath: "photo.jpg"))
    ```

    In Python, with Transformers:

    ```python
    from PIL import Image
    from transformers import AutoImageProcessor, AutoTokenizer, \(modelClass)

    folder = "path/to/this/folder"
    model = \(modelClass).from_pretrained(folder)
    processor = AutoImageProcessor.from_pretrained(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)

    image = Image.open("photo.jpg").convert("RGB")
    pixel_values = processor(images=image, return_tensors="pt").pixel_values
    captions = model.generate(pixel_values=pixel_values)
    print(tokenizer.batch_decode(captions, skip_special_tokens=True)[0])
    ```
    """
  }

  private var settingsSection: String? { Self.section("Training settings", settings) }

  private var versionsSection: String? { Self.section("Versions", versions) }

  private static func section(_ title: String, _ settings: [SettingValue]) -> String? {
    guard !settings.isEmpty else { return nil }
    let rows = settings.map { [Markdown.escape($0.name), Markdown.escape($0.value)] }
    return "## \(title)\n\n" + Markdown.table(["Name", "Value"], rows, leftColumns: 2)
  }
}

/// Text for a model card's body.
private enum Markdown {
  /// `text` on one line where nothing in it is markup, in a paragraph as well as in a table's cell.
  static func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "[", "]", "|", "#", "~", "$": escaped += "\\\(scalar)"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}": escaped += " "
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A table whose columns after the first `leftColumns` are aligned to the right.
  static func table(_ titles: [String], _ rows: [[String]], leftColumns: Int) -> String {
    let rule = titles.indices.map { $0 < leftColumns ? ":--" : "--:" }
    return ([titles, rule] + rows).map { "| \($0.joined(separator: " | ")) |" }.joined(separator: "\n")
  }
}

/// Scalars for a model card's front matter, which YAML 1.1 as well as 1.2 reads as they were meant.
private enum YAML {
  /// `text` as a string: plain where nothing can mistake it, else in double quotes.
  static func string(_ text: String) -> String { isPlain(text) ? text : quoted(text) }

  /// A number; nil for what is none, which no card should claim.
  static func number(_ value: Double) -> String? {
    guard value.isFinite else { return nil }
    let text = JSONValue.double(value).text(.oneLine)
    // YAML 1.1 takes 1e-05 for a string.
    guard let exponent = text.firstIndex(of: "e"), !text[..<exponent].contains(".") else { return text }
    return "\(text[..<exponent]).0\(text[exponent...])"
  }

  private static let reserved: Set<String> = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]

  private static func isPlain(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), !reserved.contains(text.lowercased()) else {
      return false
    }
    return text.utf8.allSatisfy {
      isLetter($0) || (UInt8(ascii: "-")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\0"..<" ", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
