import ArgumentParser
import Vignette
import VignetteEvaluation

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
      """)

  func run() throws {
    try reportingErrors {
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
}
