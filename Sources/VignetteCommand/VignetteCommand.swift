import ArgumentParser
import Foundation

@main
struct VignetteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vignette",
    abstract: "Captions images with vision encoder-decoder models, as Hugging Face Transformers does.",
    discussion: """
      Models are the folders that Transformers' VisionEncoderDecoderModel writes, or their names in the Hugging Face \
      cache. Results go to standard output, everything else to standard error.

      Exit status: 0 all is done · 1 some images or rows could not be read, the others are done (a training run ends \
      with 0 then) · 2 the model, the data or an option's value doesn't work · 64 the command line can't be understood \
      · 130 stopped by Ctrl-C.
      """,
    version: "0.1.0",
    subcommands: [
      CaptionCommand.self, InitCommand.self, TrainCommand.self, EvaluateCommand.self, ConvertCommand.self,
      DatasetCommand.self,
    ])

  static func main() async {
    ClosedStreams.hold()
    // A file that may not grow any more is then an error of writing, which is told, and not the program's end.
    signal(SIGXFSZ, SIG_IGN)
    do {
      let arguments = Array(CommandLine.arguments.dropFirst())
      await main(try CommandLineArguments.expanding(arguments, for: TrainCommand.self))
    } catch {
      StandardError.print("vignette: \(ErrorLine(error))")
      exit(withError: ExitStatus.unusable)
    }
  }
}
