import ArgumentParser
import Foundation
import Vignette
import VignetteCheckpoints
import VignetteDatasets
import VignetteFiles
import VignetteMetrics
import VignetteEvaluation
import VignetteReports

struct EvaluateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Measures captions: BLEU, ROUGE, CIDEr.",
    discussion: """
      Captions in COCO's results format against a COCO annotation file:

        vignette evaluate --predictions results.json --references captions_val2017.json

      or those that a model gives to a data set's images:

        vignette evaluate --model run --dataset coco --data-dir coco --num-beams 4

      Bleu_1 … Bleu_4, ROUGE_L (0 to 1) and CIDEr (CIDEr-D, 0 to 10; two images at least) are coco-caption's. rouge1 … \
      rougeLsum (0 to 100) are those of Hugging Face's evaluate, times 100 as its examples print them; as there, texts \
      are cut into sentences for rougeLsum. gen_len is the mean number of generated tokens, those of padding's id not \
      counted; distinct_captions and repetition_rate are the shares of captions that differ and that say three words \
      twice; scenes_right is the share of a drawn demo's captions that are right. With --cer, cer is the character error rate \
      as Hugging Face's evaluate gives it, for models that read: edits for each character of the references, of several \
      the best.

      A model that compares images and texts scores captions by their images, with or without references. With \
      --clip-model, CLIPScore is 2.5 times the cosine of CLIP's embeddings of an image and of "A photo depicts " and the \
      caption, or 0 where that is negative, and RefCLIPScore its harmonic mean with the largest cosine to a reference, likewise; the paper's figures are those \
      of CLIP ViT-B/32. With --image-text-model, BLIP_ITM is the probability that both match, BLIP_ITC the cosine, \
      and SigLIP that of its model. With \
      --predictions, the images are looked for in --data-dir, in its folder that the references' name ends with (val2017 \
      for captions_val2017.json) if there is one; it is the references' own folder if not given.

      Where a split has no captions to compare with, as COCO's test split, its images are captioned into --output. \
      With images that can't be read, the exit status is 1.
      """)

  @Option(help: "File of captions in COCO's results format: [{\"image_id\": …, \"caption\": …}, …].")
  var predictions: String?
  @Option(help: "COCO annotation file of the references.")
  var references: String?

  @Option(help: "Checkpoint folder, or name of a model on the Hugging Face hub.")
  var model: String?
  @Option(help: "Form of the data set.")
  var dataset: DatasetKind?
  @Option(help: "Folder of the data set, or with --predictions of the images.")
  var dataDir: String?
  @Option(help: "Split of the data set. (default: \(DatasetSplit.validation.rawValue))")
  var split: DatasetSplit?
  @Option(parsing: .unconditional, help: "Number of captions to evaluate on, the first ones.")
  var maxEvalSamples: Int?
  @Option(parsing: .unconditional, help: "Number of images that go through the model at a time.")
  var batchSize = 8
  @Option(help: "Compute dtype.")
  var dtype = Precision.float32
  @Option(help: "File for the model's captions, in COCO's results format.")
  var output: String?
  @OptionGroup(title: "Generation") var generation: GenerationArguments
  @OptionGroup(title: "Reading") var reading: ReadingArguments

  @Flag(inversion: .prefixedNo, help: "Compare the words' stems (Porter's) in rouge1 … rougeLsum.")
  var useStemmer = true

  @Flag(help: "Measure the character error rate too, for models that read.")
  var cer = false

  @Option(help: "CLIP folder, or its name on the Hugging Face hub: adds CLIPScore and RefCLIPScore.")
  var clipModel: String?
  @Option(
    help:
      "Folder of BLIP's retrieval model (blip-itm-…), of SigLIP or of CLIP, or its name on the hub: adds its scores."
  )
  var imageTextModel: String?

  @Option(help: "File for the scores with all that measuring them again takes: data, options, SHA-256.")
  var metricsFile: String?

  @Option(help: "Format of the scores: text, or json for one object.")
  var format = ScoreFormat.text
  @OptionGroup(title: "Models") var hub: HubArguments
  @OptionGroup var compute: ComputeArguments

  func validate() throws {
    let files = predictions != nil && references != nil
    let data = model != nil && dataset != nil && dataDir != nil
    if files == data {
      throw ValidationError(
        "give either --predictions and --references, or --model, --dataset and --data-dir")
    }
    let given = [
      ("--dataset", dataset != nil),
      ("--data-dir", dataDir != nil && clipModel == nil && imageTextModel == nil),
      ("--model", model != nil),
      ("--split", split != nil), ("--max-eval-samples", maxEvalSamples != nil), ("--output", output != nil),
      ("--batch-size", batchSize != 8 && clipModel == nil && imageTextModel == nil),
      ("--dtype", dtype != .float32),
      ("--do-grayscale", reading.doGrayscale), ("--text-cleanup", reading.textCleanup != nil),
      ("options of generation", generation.options != GenerationOptions()),
    ]
    if files, let other = given.first(where: \.1) {
      throw ValidationError("captions from --predictions have no use for \(other.0)")
    }
    if data, predictions != nil || references != nil {
      throw ValidationError("a --model makes its own captions; leave --predictions and --references away")
    }
    let paths = [predictions, references, output, metricsFile].compactMap(\.self)
    if Set(paths.map { FileName.url($0).standardizedFileURL.path }).count < paths.count {
      throw ValidationError(
        "one file can't be two of --predictions, --references, --output and --metrics-file")
    }
    if batchSize < 1 { throw ValidationError("--batch-size must be at least 1, but is \(batchSize)") }
    if let maxEvalSamples, maxEvalSamples < 1 {
      throw ValidationError("--max-eval-samples must be at least 1, but is \(maxEvalSamples)")
    }
  }

  func run() async throws {
    try await reportingErrors {
      compute.apply()
      // Where results will go is seen to before they are made.
      for file in [output, metricsFile].compactMap(\.self) { try Self.prepare(file) }
      if let predictions, let references {
        try await evaluate(FileName.url(predictions), against: FileName.url(references))
      } else {
        try await evaluateModel()
      }
    }
  }

  private static func prepare(_ file: String) throws {
    let url = FileName.url(file)
    try FolderMaker.make(url.deletingLastPathComponent())
    if FileSystem.isFolder(url) {
      throw FileError(file, "is a folder; name a file for the results")
    }
  }

  private func evaluate(_ predictions: URL, against references: URL) async throws {
    let folder = dataDir.map { FileName.url($0, isFolder: true) } ?? references.deletingLastPathComponent()
    var options = DatasetOptions(
      kind: .coco, folder: folder, split: .validation, annotations: references, missingImages: .ignore)
    options.keepsEmptyCaptions = true
    let reference = try CaptionDataset(options)
    let scorers = try await scorers()
    let unreadable = try await report(
      GeneratedCaptions(COCOResults.read(predictions), from: [predictions]), reference, scorers)
    if unreadable > 0 { throw ExitStatus.someFailed }
  }

  private func evaluateModel() async throws {
    guard let model, let dataset, let dataDir else { return }
    let folder = FileName.url(dataDir, isFolder: true)
    let split = split ?? .validation
    let start = try await hub.resolve(captioner: model)
    let reference = try CaptionDataset(
      DatasetOptions(kind: dataset, folder: folder, split: split, maxSamples: maxEvalSamples))
    let scorers = try await scorers()
    if !reference.hasCaptions, output == nil, scorers.isEmpty {
      StandardError.print(
        "vignette: the \(split.rawValue) split has no captions to compare with: give --output for the model's"
      )
      throw ExitCode.validationFailure
    }
    DatasetNotes.print(reference.hasCaptions ? "evaluating on" : "captioning", reference)
    let captions = try await captions(start, reference)
    var failures = captions.failures + reference.skipped.count
    // Scores first: they are not lost with a file that can't be written.
    if reference.hasCaptions || !scorers.isEmpty {
      failures += try await report(
        captions, reference, scorers,
        scenes: reference.hasCaptions ? try DemoDataset.scenes(in: folder, split) : nil)
    }
    if let output {
      try COCOResults.write(captions.results, of: reference.images, to: FileName.url(output))
    }
    if let output, !reference.hasCaptions {
      StandardError.print(
        "\(output): \(captions.results.count) captions; there are none to compare them with")
    }
    if failures > 0 { throw ExitStatus.someFailed }
  }

  /// What the model says of a data set's images.
  private func captions(_ model: URL, _ reference: CaptionDataset) async throws -> GeneratedCaptions {
    var options = CaptionerOptions()
    options.dtype = dtype
    options.batchSize = batchSize
    reading.apply(to: &options)
    let captioner = try await Captioner(modelAt: model, options: options)
    generation.warnOfIgnored(captioner)
    let resolved = try await captioner.resolved(generation.options)
    StandardError.print("  captions: \(resolved.summary)")
    var generated = GeneratedCaptions(
      from: try CheckpointFolder(at: model).weightFiles, generation: resolved, dtype: captioner.dtype)
    let progress = Progress("captioning", total: reference.images.count, unit: "images")
    defer { progress.finish() }
    let images = reference.images.map { URL(fileURLWithPath: $0.path) }
    for try await result in captioner.captions(of: images, generation: generation.options) {
      progress.advance()
      do {
        let caption = try result.caption
        generated.add(
          caption, text: resolved.prompt == nil ? caption.text : captioner.generatedText(of: caption),
          of: reference.images[result.index].id, padTokenID: captioner.padTokenID)
      } catch {
        generated.failures += 1
        progress.say("\(error)")
      }
    }
    progress.finish()
    return generated
  }

  /// The models that score captions by their images.
  private func scorers() async throws -> [ImageTextScorer] {
    try await ImageTextScorer.scorers(
      clipModel: folder(clipModel), imageTextModel: folder(imageTextModel), batchSize: batchSize)
  }

  private func folder(_ model: String?) async throws -> URL? {
    guard let model else { return nil }
    return try await hub.resolve(model)
  }

  /// Prints the scores, and what is wrong with images that can't be read; returns how many these are.
  private func report(
    _ captions: GeneratedCaptions, _ reference: CaptionDataset, _ scorers: [ImageTextScorer],
    scenes: [ImageID: Scene]? = nil
  ) async throws -> Int {
    try Task.checkCancellation()
    var scored =
      reference.hasCaptions
      ? try ScoredCaptions(
        captions, reference, scenes: scenes, useStemmer: useStemmer, characterErrors: cer)
      : ScoredCaptions(captions, withoutReferences: reference)
    let texts = captions.withImages(of: reference)
    var unreadable: Set<Int> = []
    for scorer in scorers {
      let progress = Progress("scoring", total: texts.count, unit: "captions")
      defer { progress.finish() }
      let result = try await scorer.readableMetrics(of: texts) { done, _ in progress.update(to: done) }
      for (index, error) in result.unreadable where unreadable.insert(index).inserted {
        progress.say("\(error)")
      }
      scored.add(result.metrics, of: scorer)
    }
    try Task.checkCancellation()
    for note in scored.notes { StandardError.print(note) }
    for line in format.lines(scored.scores) { try StandardOutput.print(line) }
    if let metricsFile { try scored.metricsFile.write(to: FileName.url(metricsFile)) }
    return unreadable.count
  }
}
