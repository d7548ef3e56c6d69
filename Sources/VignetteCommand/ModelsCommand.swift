import ArgumentParser
import Foundation
import Vignette
import VignetteEvaluation
import VignetteFiles
import VignetteHub

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract:
      "Lists what can be read: families, encoders, decoders, tokenizers, image processors and image–text models.",
    discussion: """
      Names are those of Transformers' files: model_type in config.json, tokenizer_class in tokenizer_config.json, \
      image_processor_type in preprocessor_config.json. Every encoder works with every decoder. Image–text models score \
      captions in `vignette evaluate`.

        vignette models

      With --cached, the models in the Hugging Face cache, a line each, with tabs between: name, branches and tags or else \
      commit, size, when it was last used, and whether it captions. `vignette pull` fetches one, `vignette remove` \
      removes one.

        vignette models --cached
      """)

  @Flag(help: "List the models in the Hugging Face cache instead.")
  var cached = false

  func run() throws {
    try reportingErrors {
      guard !cached else { return try printCached() }
      let rows = [
        ("family", SupportedModels.families), ("encoder", SupportedModels.encoders),
        ("decoder", SupportedModels.decoders), ("tokenizer", SupportedModels.tokenizers),
        ("image processor", SupportedModels.imageProcessors),
        ("image-text model", SupportedModels.imageTextModels),
      ]
      let lines = rows.flatMap { kind, names in names.map { "\(kind)\t\($0)" } }
      try StandardOutput.print(lines.joined(separator: "\n"))
    }
  }

  private func printCached() throws {
    let cache = HubCache()
    let models = try cache.models()
    guard !models.isEmpty else {
      return StandardError.print("\(cache.url.path): no models; `vignette pull OWNER/NAME` fetches one")
    }
    for model in models {
      let captions = (try? ModelInspection(of: model.folder).isCaptioner) ?? false
      let fields = [
        model.repository, model.revisions.isEmpty ? model.commit : model.revisions.joined(separator: ","),
        "\(ByteCount(model.byteCount))", model.lastUsed.map(Self.day) ?? "-",
        captions ? "captions" : "does not caption",
      ]
      try StandardOutput.print(fields.map(FileName.printed).joined(separator: "\t"))
    }
  }

  /// `2026-11-28`, where the user is.
  private static func day(_ date: Date) -> String {
    let parts = Calendar(identifier: .gregorian).dateComponents([.year, .month, .day], from: date)
    return String(format: "%04d-%02d-%02d", parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
  }
}
