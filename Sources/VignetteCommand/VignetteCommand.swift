import ArgumentParser
import Foundation
import VignetteFiles

@main
struct VignetteCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vignette",
    abstract: "Captions images with Transformers' models: vision encoder-decoders, BLIP and more.",
    discussion: """
      Models are the folders that Transformers' save_pretrained writes, or their names on the Hugging Face hub, from which they are fetched once; \
      `vignette models` lists the kinds. Results go to standard output, everything else to standard error.

      Exit status: 0 all is done · 1 some images or rows could not be read, the others are done · 2 the model, the data or an option's value doesn't work · 3 trained, without images that could not be read · 64 the command line can't be understood \
      · 130 stopped by Ctrl-C.
      """,
    version: "0.1.0",
    subcommands: [
      CaptionCommand.self, AltCommand.self, InitCommand.self, TrainCommand.self, EvaluateCommand.self,
      ConvertCommand.self, DatasetCommand.self, ModelsCommand.self, InspectCommand.self, RemoveCommand.self,
    ] + networkCommands)

  /// Those that need the network.
  private static var networkCommands: [any ParsableCommand.Type] {
    #if Network
      [ServeCommand.self, PullCommand.self, PushCommand.self]
    #else
      []
    #endif
  }

  static func main() async {
    ClosedStreams.hold()
    // A file that may not grow any more is then an error of writing, which is reported, and not the program's end.
    signal(SIGXFSZ, SIG_IGN)
    let given = GivenArguments.all
    let arguments: [String]
    do {
      try OpenFiles.check()
      try SomeMemory.check()
      arguments = try CommandLineArguments.expanding(given, for: TrainCommand.self)
    } catch {
      StandardError.print("vignette: \(ErrorLine(error))")
      exit(withError: ExitStatus.unusable)
    }
    // Help on a command that there isn't is the root's to ArgumentParser.
    if given.first == "help", let misspelling = Misspelling(in: given) {
      StandardError.print("\(misspelling)")
      exit(withError: ExitCode.validationFailure)
    }
    do {
      var command = try await asyncParseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(error, given)
    }
  }

  /// Ends the program as ArgumentParser does, but for names that are misspelled and help that can't be written.
  private static func end(_ error: any Error, _ arguments: [String]) -> Never {
    switch exitCode(for: error) {
    case .success:
      do {
        try StandardOutput.print(fullMessage(for: error))
      } catch let error as SystemError where error.code != EPIPE {
        StandardError.print("vignette: \(ErrorLine(error))")
        exit(withError: ExitStatus.unusable)
      } catch {
        // Nobody reads on, as where `head` has seen enough.
      }
      exit()
    case .validationFailure:
      StandardError.print(Misspelling(in: arguments)?.description ?? fullMessage(for: error))
      exit(withError: ExitCode.validationFailure)
    default:
      exit(withError: error)
    }
  }
}
