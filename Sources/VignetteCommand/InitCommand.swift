import ArgumentParser
import Checkpoints
import Datasets
import Foundation
import Vignette

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
      """)

  @Option(help: "A folder (or a name in the Hugging Face cache) of a pretrained vision model.")
  var encoder: String?

  @Option(help: "A folder (or a name in the Hugging Face cache) of a pretrained language model.")
  var decoder: String?

  @Option(
    help:
      "Instead of --encoder, the size of a new one: \(EncoderPreset.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var encoderPreset: EncoderPreset?

  @Option(
    help:
      "Instead of --decoder, the size of a new one: \(DecoderPreset.allCases.map(\.rawValue).joined(separator: ", "))."
  )
  var decoderPreset: DecoderPreset?

  @Option(
    help: "Captions to make the tokenizer from: a COCO annotation file, or a text file with one a line.")
  var tokenizerFrom: String?

  @Option(help: "The most tokens of that tokenizer.")
  var vocabSize = 50_257

  @Option(help: "The height and width of pictures for a new encoder.")
  var imageSize: Int?

  @Option(help: "What new weights are drawn from.")
  var seed: UInt64 = 42

  @Option(help: "The folder to write.")
  var output: String

  func validate() throws {
    let pretrained = encoder != nil && decoder != nil
    let scratch = encoderPreset != nil && decoderPreset != nil && tokenizerFrom != nil
    if pretrained == scratch {
      throw ValidationError(
        "give either --encoder and --decoder, or --encoder-preset, --decoder-preset and --tokenizer-from")
    }
  }

  func run() throws {
    try reportingErrors {
      let made = try makeModel()
      let folder = URL(fileURLWithPath: output, isDirectory: true)
      try made.save(to: folder)
      let count = made.model.parameters.reduce(0) { $0 + $1.count }
      if encoder != nil {
        StandardError.print("new weights, which training must teach (\(made.freshNames.count)):")
        for name in made.freshNames { StandardError.print("  \(name)") }
      }
      StandardError.print(
        "\(output): \(count) parameters, \(made.tokenizer.vocabularySize) tokens; next: vignette train --model \(output) …"
      )
    }
  }

  private func makeModel() throws -> ModelInitializer {
    if let encoder, let decoder {
      let cache = HubCache()
      return try ModelInitializer(
        encoder: cache.resolve(encoder), decoder: cache.resolve(decoder), seed: seed)
    }
    guard let encoderPreset, let decoderPreset, let tokenizerFrom else { throw CleanExit.helpRequest(self) }
    return try ModelInitializer(
      encoder: encoderPreset, decoder: decoderPreset,
      captions: CaptionTexts.read(URL(fileURLWithPath: tokenizerFrom)), vocabularySize: vocabSize,
      imageSize: imageSize,
      seed: seed)
  }
}

extension EncoderPreset: ExpressibleByArgument {}
extension DecoderPreset: ExpressibleByArgument {}

/// The captions in a file, for a tokenizer to be made from.
enum CaptionTexts {
  static func read(_ url: URL) throws -> [String] {
    guard url.pathExtension == "json" else {
      return try String(contentsOf: url, encoding: .utf8).split(whereSeparator: \.isNewline).map(String.init)
    }
    let options = DatasetOptions(
      kind: .coco, folder: url.deletingLastPathComponent().deletingLastPathComponent(), split: .train,
      annotations: url, missingImages: .ignore)
    return try CaptionDataset(options).images.flatMap { $0.captions.map(\.trimmedText) }
  }
}
