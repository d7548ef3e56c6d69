public import ArgumentParser
import Foundation
import Vignette
import VignetteCheckpoints
import VignetteDatasets
import VignetteFiles
import VignetteEvaluation
import VignetteReports
import VignetteTrainer

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Makes the model that training starts from.",
    discussion: """
      From two pretrained models, an image classifier and a language model:

        vignette init --encoder google/vit-base-patch16-224-in21k --decoder gpt2 --output model

      or from nothing, with a tokenizer made from the captions:

        vignette init --encoder-preset vit-tiny --decoder-preset gpt2-tiny \\
          --tokenizer-from coco/annotations/captions_train2017.json --output model

      or one half of each: a pretrained encoder with a small new decoder learns from few captions.
      """)

  @Option(help: "Pretrained vision model: its folder, or its name on the Hugging Face hub.")
  var encoder: String?

  @Option(help: "Pretrained language model: its folder, or its name on the Hugging Face hub.")
  var decoder: String?

  @Option(help: "Size of a new encoder, instead of --encoder.")
  var encoderPreset: EncoderPreset?

  @Option(help: "Size of a new decoder, instead of --decoder.")
  var decoderPreset: DecoderPreset?

  @Option(
    help:
      "Captions to make a new decoder's tokenizer from: a data set's annotation file, or a text with one a line."
  )
  var tokenizerFrom: String?

  @Option(
    parsing: .unconditional,
    help: "Maximum number of tokens of that tokenizer (default: \(Self.defaultVocabularySize)).")
  var vocabSize: Int?

  @Option(
    parsing: .unconditional,
    help: "Height and width of images for a new encoder; the preset's if not given.")
  var imageSize: Int?

  @Option(parsing: .unconditional, help: "Seed of new weights.")
  var seed: UInt64 = 42

  @Option(help: "Folder to write.")
  var output: String

  @Flag(
    inversion: .prefixedNo,
    help: "Overwrite the model that the output folder holds, instead of refusing it.")
  var overwriteOutputDir = false

  @OptionGroup(title: "Models") var hub: HubArguments

  private static let defaultVocabularySize = 50_257
  /// The 256 bytes and the end token, without which there is no text.
  private static let leastVocabularySize = 257

  func validate() throws {
    if let vocabSize, vocabSize < Self.leastVocabularySize {
      throw ValidationError(
        "--vocab-size must be at least \(Self.leastVocabularySize), for the bytes and the end token, but is \(vocabSize)"
      )
    }
    if let option = useless.first(where: { $0.isGiven && $0.isUseless }) {
      throw ValidationError("\(option.name) has no use \(option.reason)")
    }
    guard encoder != nil || encoderPreset != nil else {
      throw ValidationError("give --encoder, or --encoder-preset for a new one")
    }
    guard decoder != nil || decoderPreset != nil && tokenizerFrom != nil else {
      throw ValidationError("give --decoder, or --decoder-preset and --tokenizer-from for a new one")
    }
  }

  /// Options that would be ignored in silence beside a pretrained half.
  private var useless: [(name: String, isGiven: Bool, isUseless: Bool, reason: String)] {
    let (hasEncoder, hasDecoder) = (encoder != nil, decoder != nil)
    let (vision, language) = ("with --encoder, which", "with --decoder, which")
    return [
      ("--encoder-preset", encoderPreset != nil, hasEncoder, "\(vision) has a size of its own"),
      ("--image-size", imageSize != nil, hasEncoder, "\(vision) was trained on images of one size"),
      ("--decoder-preset", decoderPreset != nil, hasDecoder, "\(language) has a size of its own"),
      ("--tokenizer-from", tokenizerFrom != nil, hasDecoder, "\(language) brings its own tokenizer"),
      ("--vocab-size", vocabSize != nil, hasDecoder, "\(language) brings its own tokenizer"),
    ]
  }

  func run() throws {
    try reportingErrors {
      let folder = FileName.url(output, isFolder: true)
      // Before anything is computed, which can take a while.
      if !overwriteOutputDir { try folder.requireNoModel(named: output) }
      let made = try makeModel()
      try write(made, to: folder)
      let count = made.parts.model.parameters.reduce(0) { $0 + $1.count }
      if encoder != nil || decoder != nil { printNewWeights(made.freshNames) }
      StandardError.print(
        "\(output): \(count) parameters, \(made.parts.tokenizer.vocabularySize) tokens; next: vignette train --model \(output) …"
      )
    }
  }

  /// A half that is new as a whole is named as such.
  private func printNewWeights(_ names: [String]) {
    let newHalf = encoder == nil ? "encoder" : decoder == nil ? "decoder" : nil
    let listed = names.filter { name in newHalf.map { !name.hasPrefix("\($0).") } ?? true }
    if names.isEmpty { return StandardError.print("no new weights: both halves bring all of theirs") }
    StandardError.print("new weights, which training must teach (\(names.count)):")
    if let newHalf { StandardError.print("  all of the \(newHalf)'s") }
    for name in listed { StandardError.print("  \(name)") }
  }

  private func write(_ made: ModelInitializer, to folder: URL) throws {
    let bytes = made.parts.model.parameters.reduce(0) { $0 + $1.count * MemoryLayout<Float>.size }
    let progress = Progress("writing", total: bytes, unit: .bytes)
    defer { progress.finish() }
    TemporaryName.sweep(folder)
    // They tell of another model.
    for name in [MetricsFile.fileName, ModelCard.fileName, TrainingReport.fileName, TrainerState.fileName] {
      try AtomicFile.remove(folder.appendingPathComponent(name))
    }
    try made.save(to: folder) { done, _ in progress.update(to: done) }
  }

  private func makeModel() throws -> ModelInitializer {
    let progress = Progress(
      "making the tokenizer", total: vocabSize ?? Self.defaultVocabularySize, unit: "tokens")
    defer { progress.finish() }
    return try ModelInitializer(
      encoder: encoderSource(), decoder: decoderSource(), seed: seed, progress: progress.update)
  }

  private func encoderSource() throws -> EncoderSource {
    if let encoder { return .pretrained(try hub.resolve(encoder)) }
    guard let encoderPreset else { throw CleanExit.helpRequest(self) }
    return .new(encoderPreset, imageSize: imageSize)
  }

  private func decoderSource() throws -> DecoderSource {
    if let decoder { return .pretrained(try hub.resolve(decoder)) }
    guard let decoderPreset, let tokenizerFrom else { throw CleanExit.helpRequest(self) }
    return .new(
      decoderPreset, captions: try CaptionTexts.read(FileName.url(tokenizerFrom)),
      vocabularySize: vocabSize ?? Self.defaultVocabularySize)
  }
}

extension EncoderPreset: ExpressibleByArgument {}
extension DecoderPreset: ExpressibleByArgument {}

/// The captions in a file, for a tokenizer to be made from.
enum CaptionTexts {
  /// Those of a data set's annotation file, its training split where it has splits; or the lines of another text.
  ///
  /// - Throws: `FileError` where there are none; what reading throws.
  static func read(_ url: URL) throws -> [String] {
    let texts = try all(in: url)
    guard texts.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else {
      throw FileError(url.path, "holds no captions, of which a tokenizer could be made")
    }
    return texts
  }

  private static func all(in url: URL) throws -> [String] {
    guard let kind = try DatasetKind(annotationFile: url) else {
      return try TextFile.read(url).split(whereSeparator: \.isNewline).map(String.init)
    }
    let options = DatasetOptions(
      kind: kind, folder: url.deletingLastPathComponent(), split: .train, annotations: url,
      validationFraction: 0, missingImages: .ignore)
    return try CaptionDataset(options).images.flatMap { $0.captions.map(\.trimmedText) }
  }
}

extension URL {
  /// Throws where the folder, given as `name`, holds a model that another would replace.
  func requireNoModel(named name: String) throws {
    guard ModelFolder(self).isTaken else { return }
    throw FileError(
      name, "holds a model already: choose another --output, or write over it with --overwrite-output-dir")
  }
}
