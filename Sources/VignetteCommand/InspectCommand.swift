import ArgumentParser
import Vignette
import VignetteEvaluation
import VignetteFiles

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Says what a model folder is, what is in it, and whether it captions.",
    discussion: """
      Reads configurations and the heads of weight files; no weights are loaded. Names and shapes of weights are \
      compared with config.json, and ids with the vocabulary. Where the folder is no captioner that can be used, each \
      reason is a line, and the exit status is 1; where it serves something else, as an encoder for `vignette init`, a \
      line says so.

        vignette inspect nlpconnect/vit-gpt2-image-captioning
      """)

  @Argument(help: "A model folder, or the name of a model on the Hugging Face hub.")
  var model: String

  @OptionGroup(title: "Models") var hub: HubArguments

  func run() throws {
    try reportingErrors {
      let inspection = try ModelInspection(of: hub.resolve(model))
      var lines = inspection.parts.flatMap { part in
        ["\(part.name): \(part.summary ?? part.problem ?? "")"] + part.remarks.map { "  remark: \($0)" }
      }
      lines.append("captions: \(inspection.isCaptioner ? "yes" : "no")")
      lines += inspection.halves.map { "serves: vignette init --\($0.rawValue)" }
      if ImageTextScorer.isServed(by: inspection.folder) {
        lines.append("serves: vignette evaluate --image-text-model")
      }
      try StandardOutput.print(TerminalText.escaped(lines.joined(separator: "\n"), keepsLines: true))
      if !inspection.isCaptioner { throw ExitStatus.someFailed }
    }
  }
}
