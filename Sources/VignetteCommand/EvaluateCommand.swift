import ArgumentParser
import Checkpoints
import Datasets
import Foundation
import Metrics
import Vignette

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures captions: BLEU, ROUGE, CIDEr.",
    discussion: """
      Captions in COCO's results format against a COCO annotation file:

        vignette evaluate --predictions results.json --references captions_val2017.json

      or those that a model gives to a data set's pictures:

        vignette evaluate --model run --dataset coco --data-dir coco --num-beams 4

      Bleu_1 … Bleu_4, ROUGE_L (0 to 1) and CIDEr (CIDEr-D, 0 to 10) are coco-caption's; rouge1 … rougeLsum (0 to 100) \
      are those of Hugging Face's evaluate, times 100 as its examples print them.
      """)

  @Option(help: "Captions as COCO's results: [{\"image_id\": …, \"caption\": …}, …].")
  var predictions: String?
  @Option(help: "A COCO captions annotation file.")
  var references: String?

  @Option(help: "A checkpoint folder, or a model's name in the Hugging Face cache.")
  var model: String?
  @Option(help: "The form of the data set: \(DatasetKind.allCases.map(\.rawValue).joined(separator: ", ")).")
  var dataset: DatasetKind?
  @Option(help: "The folder that holds it.")
  var dataDir: String?
  @Option(help: "train, validation or test.")
  var split = DatasetSplit.validation
  @Option(help: "Evaluate on the first so many captions.")
  var maxEvalSamples: Int?
  @Option(help: "Pictures that go through the model at a time.")
  var batchSize = 8
  @Option(help: "What is computed in: float32 or bfloat16.")
  var dtype = DType.float32
  @Option(help: "Where the model's captions are written, in COCO's results format.")
  var output: String?
  @OptionGroup(title: "Generation") var generation: GenerationArguments

  @Option(help: "How scores are printed: text, or one object as json.")
  var format = ScoreFormat.text
  @OptionGroup var compute: ComputeArguments

  enum ScoreFormat: String, ExpressibleByArgument, CaseIterable { case text, json }

  func validate() throws {
    let files = predictions != nil && references != nil
    let data = model != nil && dataset != nil && dataDir != nil
    if files == data {
      throw ValidationError(
        "give either --predictions and --references, or --model, --dataset and --data-dir")
    }
  }

  func run() throws {
    try reportingErrors {
      compute.apply()
      if let predictions, let references {
        let reference = try CaptionDataset(
          DatasetOptions(
            kind: .coco, folder: URL(fileURLWithPath: references).deletingLastPathComponent(),
            split: .validation,
            annotations: URL(fileURLWithPath: references), missingImages: .ignore))
        try report(COCOResults.read(URL(fileURLWithPath: predictions)), reference)
      } else {
        try evaluateModel()
      }
    }
  }

  private func evaluateModel() throws {
    guard let model, let dataset, let dataDir else { return }
    let folder = URL(fileURLWithPath: dataDir, isDirectory: true)
    let reference = try CaptionDataset(
      DatasetOptions(kind: dataset, folder: folder, split: split, maxSamples: maxEvalSamples))
    var options = CaptionerOptions()
    options.dtype = dtype
    options.batchSize = batchSize
    let captioner = try Captioner(modelAt: HubCache().resolve(model), options: options)
    var results: [(image: Int, caption: String)] = []
    let progress = Progress("captioning", total: reference.images.count, unit: "pictures")
    try captioner.forEachCaption(
      of: reference.images.map { .file(URL(fileURLWithPath: $0.path)) }, generation: generation.options
    ) { index, result in
      progress.advance()
      switch result {
      case .success(let captions): results.append((reference.images[index].id, captions[0].text))
      case .failure(let error): progress.say("\(reference.images[index].path): \(error)")
      }
    }
    progress.finish()
    if let output { try COCOResults.write(results, to: URL(fileURLWithPath: output)) }
    try report(results, reference, scenes: try? DemoDataset.scenes(in: folder, split))
  }

  private func report(
    _ results: [(image: Int, caption: String)], _ reference: CaptionDataset, scenes: [Int: Scene]? = nil
  ) throws {
    let evaluation = try COCOEvaluation(
      results: results, references: reference.images.map { ($0.id, $0.captions.map(\.text)) })
    var scores = evaluation.scores.map { ($0.name, $0.name.hasPrefix("rouge") ? 100 * $0.value : $0.value) }
    if let scenes {
      let right = results.count { result in
        scenes[result.image].map { SceneCaptionChecker.check(result.caption, against: $0).isCorrect } ?? false
      }
      scores.append(("scenes_right", Double(right) / Double(max(1, results.count))))
    }
    if !evaluation.missingImages.isEmpty {
      StandardError.print("\(evaluation.missingImages.count) images have no prediction and are left out")
    }
    switch format {
    case .json:
      let object = JSONValue.object(JSONObject(scores.map { ($0.0, JSONValue.double($0.1)) }))
      StandardOutput.print(object.text(JSONFormat(indent: nil, sortsKeys: false, escapesNonASCII: false)))
    case .text:
      for (name, value) in scores {
        StandardOutput.print(String(format: "%-18@ %.4f", name as NSString, value))
      }
    }
  }
}

/// COCO's results format.
enum COCOResults {
  static func read(_ url: URL) throws -> [(image: Int, caption: String)] {
    try JSONField(contentsOf: url).elements().map { (try $0["image_id"].value(), try $0["caption"].value()) }
  }

  static func write(_ results: [(image: Int, caption: String)], to url: URL) throws {
    let list = JSONValue.array(
      results.map { .object(JSONObject([("image_id", .int($0.image)), ("caption", .string($0.caption))])) })
    try list.write(to: url, .oneLine)
  }
}
