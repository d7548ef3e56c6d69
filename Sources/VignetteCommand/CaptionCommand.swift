import VignetteReports
import VignetteHub
import ArgumentParser
import Foundation
import Vignette
import VignetteImages
import VignetteCheckpoints
import VignetteFiles
import VignetteLibrary

struct CaptionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caption",
    abstract: "Prints a caption for each image, or captions a whole library.",
    discussion: """
      Images are JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF, HEIC and JPEG XL files; a folder means all images in it and \
      below. Each caption is a line with its image's name before it. Where the one argument is a file and no --format is \
      given, the caption is printed alone: in scripts, where a pattern may match one file or many, give --format text.

        vignette caption --model nlpconnect/vit-gpt2-image-captioning photo.jpg
        vignette caption --model ./model --num-beams 4 --format jsonl holiday/ > captions.jsonl
        curl -s https://example.org/cat.png | vignette caption --model ./model -
        vignette caption --model ./model --attention looked.png photo.jpg

      With --output, many images are a job that can be stopped at any moment and goes on when the same command is run \
      again: images that are captioned already are skipped, those that are new or have changed are captioned, and one that can't be read \
      is a row with an error. Equal images are captioned once. What the job remembers is in a hidden file beside the output \
      (.captions.jsonl.job), and may be removed. Archives of images (.tar, as WebDataset has them) are read, too.

        vignette caption --model ./model photos/ --output captions.jsonl
        vignette caption --model ./model photos/ --output photos/metadata.jsonl --strip "an image of" --sentence-case
        vignette caption --model ./model shards/*.tar --output captioned.tar --max-characters 125
        find photos -name '*.jpg' -newer captions.csv -print0 | vignette caption --model ./model --files-from - --null --output captions.csv

      Options of generation that are not given are the checkpoint's own.
      """)

  @Option(help: "Checkpoint folder, or name of a model on the Hugging Face hub.")
  var model: String

  @Argument(help: "Image files, folders, archives (.tar), or - for an image on standard input.")
  var images: [String] = []

  @Option(
    help: """
      Format of the lines: text, jsonl (file, caption, token_ids, score) or csv. Without it, text, and a single file's \
      caption alone. Of an output: jsonl, csv, metadata (Hugging Face's metadata.jsonl), coco (results), kohya \
      (metadata of sd-scripts) or webdataset (archives); without it, what the output's name says.
      """)
  var format: CaptionFormat?

  @OptionGroup(title: "Jobs")
  var job: JobArguments

  @OptionGroup(title: "Destinations")
  var destinations: DestinationArguments

  @OptionGroup(title: "Images of a job")
  var inputs: InputArguments

  @OptionGroup(title: "Texts")
  var text: TextArguments

  @OptionGroup(title: "Generation")
  var generation: GenerationArguments

  @Option(
    help: ArgumentHelp(
      """
      PNG file that shows for each word where in the image the model looked; for several images a folder, its name ending \
      with a slash, with a file for each.
      """, valueName: "path"))
  var attention: String?

  @Option(
    parsing: .unconditional,
    help: """
      Number of images that go through the model at a time. Without it, 8; for a job, as many as are useful and fit into \
      memory.
      """)
  var batchSize: Int?

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
    if images.isEmpty, inputs.filesFrom == nil {
      throw ValidationError("Missing expected argument '<images> ...'")
    }
    if let batchSize, batchSize < 1 {
      throw ValidationError("--batch-size must be at least 1, but is \(batchSize)")
    }
    if maxImagePixels < 1 {
      throw ValidationError("--max-image-pixels must be at least 1, but is \(maxImagePixels)")
    }
    try validateJob()
  }

  private func validateJob() throws {
    let writes = job.output != nil || !destinations.isEmpty
    if !writes, job.existing != nil || job.retryFailed {
      throw ValidationError("--existing and --retry-failed are about --output, which isn't given")
    }
    if isJob, images.contains("-") {
      throw ValidationError("an image on standard input (-) is none for a job, which could not go on with it")
    }
    if !writes || job.output == "-", let format, !format.isOfLines {
      throw ValidationError("--format \(format.rawValue) is for a file: give --output")
    }
    if isJob, attention != nil {
      throw ValidationError(
        "--attention draws while captions are printed; a job, as with --output, has no figures")
    }
    if isJob { _ = try job.format(format) }
  }

  /// Whether images are captioned by a job: with what a list in memory and lines on standard output have no room for.
  private var isJob: Bool { job.isUsed || inputs.isUsed || !destinations.isEmpty }

  func run() async throws {
    if isJob { return try await LibraryRun(self).run() }
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
    let rules = text.rules
    var options = text.banning(generation.options, captioner)
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
        for caption in captions {
          try progress.print(shape.line(caption.applying(rules), file: name, isOnly: isOnly))
        }
        try figures?.write(captions[0], index: result.index)
      case .failure(let error):
        failures += 1
        progress.say(Self.line(about: name, error))
      }
    }
    progress.finish()
    if cutOff > 1 { try await generation.tellOfCuts(cutOff, captioner) }
    return failures
  }

  /// What is wrong with an image, its name printed once and as it was given.
  private static func line(about name: String, _ error: any Error) -> String {
    let reason = (error as? ImageError)?.reason ?? "\(error)"
    return "\(FileName.printed(name)): \(reason)"
  }

  private var shape: CaptionFormat { format ?? .text }

  func makeCaptioner() async throws -> Captioner {
    var options = CaptionerOptions()
    options.dtype = dtype
    options.batchSize = batchSize ?? 8
    options.maximumImagePixels = maxImagePixels
    options.interpolatesPositions = interpolatePosEncoding
    reading.apply(to: &options)
    return try await Captioner(modelAt: hub.resolve(model), options: options)
  }
}

extension Caption {
  /// The same with the text that is written down.
  fileprivate func applying(_ rules: CaptionText) -> Caption {
    guard !rules.isIdentity else { return self }
    return Caption(
      text: rules.applied(to: text), tokenIDs: tokenIDs, score: score,
      tokenLogProbabilities: tokenLogProbabilities, isCutOff: isCutOff, attention: attention,
      alternatives: alternatives)
  }
}
