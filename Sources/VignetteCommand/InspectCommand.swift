import ArgumentParser
import Vignette
import VignetteFiles

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Says what a model folder is, what is in it, and whether it captions.",
    discussion: """
      Reads configurations and the heads of weight files; no weights are loaded. Where the folder is no captioner that \
      can be used, each reason is a line, and the exit status is 1.

        vignette inspect nlpconnect/vit-gpt2-image-captioning
      """)

  @Argument(help: "A model folder, or the name of a model on the Hugging Face hub.")
  var model: String

  @OptionGroup(title: "Models") var hub: HubArguments

  func run() throws {
    try reportingErrors {
      let inspection = try ModelInspection(of: hub.resolve(model))
      let lines = inspection.parts.map { "\($0.name): \($0.summary ?? $0.problem ?? "")" }
      let verdict = "captions: \(inspection.isCaptioner ? "yes" : "no")"
      try StandardOutput.print(
        TerminalText.escaped((lines + [verdict]).joined(separator: "\n"), keepsLines: true))
      if !inspection.isCaptioner { throw ExitStatus.someFailed }
    }
  }
}
