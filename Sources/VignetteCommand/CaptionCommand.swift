import VignetteReports
import VignetteHub
import ArgumentParser
import Foundation
import Vignette
import VignetteImages
import VignetteCheckpoints
import VignetteFiles

struct CaptionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption",
    abstract: "Prints a caption for each image.",
    discussion: """
      Images are JPEG, PNG, WebP, GIF and BMP files; a folder means all images in it and below. Each caption \
      is a line with its image's name before it. Where the one argument is a file and no --format is given, the caption \
      is printed alone: in scripts, where a pattern may match one file or many, give --format text.

        vignette caption --model nlpconnect/vit-gpt2-image-captioning photo.jpg
        vignette caption --model ./model --num-beams 4 --format jsonl holiday/ > captions.jsonl
        curl -s https://example.org/cat.png | vignette caption --model ./model -
        vignette caption --model ./model --attention looked.png photo.jpg

      Options of generation that are not given are the checkpoint's own.
      """)

  @Option(help: "Checkpoint folder, or name of a model on the Hugging Face hub.")
  var model: String

  @Argument(help: "Image files, folders, or - for an image on standard input.")
  var images: [String]

  @Option(
    help: """
      Format of the lines: text, jsonl (file, caption, token_ids, score) or csv. Without it, text, and a single file's \
      caption alone.
      """)
  var format: CaptionFormat?

  @OptionGroup(title: "Generation")
  var generation: GenerationArguments

  @Option(
    help: ArgumentHelp(
      """
      PNG file that shows for each word where in the image the model looked; for several images a folder, its name ending \
      with a slash, with a file for each.
      """, valueName: "path"))
  var attention: String?

  @Option(parsing: .unconditional, help: "Number of images that go through the model at a time.")
  var batchSize = 8

  @Option(help: "Compute dtype.")
  var dtype = Precision.float32

  @Option(
    parsing: .unconditional,
    help: "Maximum number of pixels of an image; larger ones are refused before they are decoded.")
  var maxImagePixels = CaptionerOptions().maximumImagePixels

  @Flag(help: "Take images of another size than the model's, interpolating its positions.")
  var interpolatePosEncoding = false

  @OptionGroup(title: "Models") var hub: HubArguments
  @OptionGroup(title: "Reading") var reading: ReadingArguments
  @OptionGroup var compute: ComputeArguments

  func validate() throws {
    if batchSize < 1 { throw ValidationError("--batch-size must be at least 1, but is \(batchSize)") }
    if maxImagePixels < 1 {
      throw ValidationError("--max-image-pixels must be at least 1, but is \(maxImagePixels)")
    }
  }

  func run() async throws {
    try await reportingErrors {
      compute.apply()
      let inputs = ImageArguments(images, maximumPixels: maxImagePixels)
      for problem in inputs.problems { StandardError.print(problem) }
      let figures = try attention.map {
        try AttentionFigures($0, inputs.images, maximumPixels: maxImagePixels)
      }
      let captioner = try await makeCaptioner()
      generation.warnOfIgnored(captioner)
      if let header = shape.header { try StandardOutput.print(header) }
      let failures = try await caption(inputs.images, captioner, figures)
      if failures + inputs.problems.count > 0 { throw ExitStatus.someFailed }
    }
  }

  /// Prints captions, and what is wrong with images that have none; returns how many these are.
  private func caption(
    _ inputs: [NamedImage], _ captioner: Captioner, _ figures: AttentionFigures?
  ) async throws -> Int {
    var options = generation.options
    if figures != nil { options.outputAttentions = true }
    let isOnly = format == nil && inputs.count == 1 && images == [inputs[0].name]
    var (failures, cutOff) = (0, 0)
    let progress = Progress("captioning", total: inputs.count, unit: "images")
    defer { progress.finish() }
    for try await result in captioner.captions(of: inputs.map(\.image), generation: options) {
      progress.advance()
      let name = inputs[result.index].name
      switch result.result {
      case .success(let captions):
        cutOff += captions.count { $0.isCutOff }
        for caption in captions { try progress.print(shape.line(caption, file: name, isOnly: isOnly)) }
        try figures?.write(captions[0], index: result.index)
      case .failure(let error):
        failures += 1
        progress.say(Self.line(about: name, error))
      }
    }
    progress.finish()
    if cutOff > 1 { try await tellOfCuts(cutOff, captioner) }
    return failures
  }

  /// What is wrong with an image, its name printed once and as it was given.
  private static func line(about name: String, _ error: any Error) -> String {
    let reason = (error as? ImageError)?.reason ?? "\(error)"
    return "\(FileName.printed(name)): \(reason)"
  }

  private var shape: CaptionFormat { format ?? .text }

  /// A limit that the user didn't set may be news.
  private func tellOfCuts(_ count: Int, _ captioner: Captioner) async throws {
    guard generation.options.maxLength == nil, generation.options.maxNewTokens == nil else { return }
    let options = try await captioner.resolved(generation.options)
    // What time has cut off has no length of its own.
    guard options.maxTime == nil else { return }
    let prompt = options.promptTokenIDs(captioner.tokenizer)?.count ?? 1
    let tokens = (options.maxLength ?? prompt) - prompt
    StandardError.print(
      "\(count) captions were cut off at \(tokens) tokens; --max-new-tokens sets another limit")
  }

  private func makeCaptioner() async throws -> Captioner {
    var options = CaptionerOptions()
    options.dtype = dtype
    options.batchSize = batchSize
    options.maximumImagePixels = maxImagePixels
    options.interpolatesPositions = interpolatePosEncoding
    reading.apply(to: &options)
    return try await Captioner(modelAt: hub.resolve(model), options: options)
  }
}
