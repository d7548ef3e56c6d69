public import ArgumentParser
import Vignette

/// What models that read, rather than describe, are prepared with by their authors' programs.
struct ReadingArguments: ParsableArguments {
  @Flag(help: "Make images grey first, as manga-ocr does.")
  var doGrayscale = false

  @Option(help: "Clean-up of the texts that a model reads, as its authors' program does it: manga-ocr.")
  var textCleanup: TextCleanup?

  func apply(to options: inout CaptionerOptions) {
    options.convertsToGrey = doGrayscale
    options.textCleanup = textCleanup
  }
}

extension TextCleanup: ExpressibleByArgument {}
