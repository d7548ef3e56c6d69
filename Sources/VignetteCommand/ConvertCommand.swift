import ArgumentParser
import Checkpoints
import Foundation
import Vignette

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a checkpoint folder anew, for instance safetensors instead of a pickle.",
    discussion: """
      Everything is read strictly and written as Transformers' save_pretrained does, so a folder that was converted is \
      complete and consistent.

        vignette convert --model nlpconnect/vit-gpt2-image-captioning --output model
      """)

  @Option(help: "A checkpoint folder, or a model's name in the Hugging Face cache.")
  var model: String
  @Option(help: "The folder to write.")
  var output: String
  @Option(help: "The format of the weights.")
  var weightsFormat = WeightsFormat.safetensors
  @Option(parsing: .unconditional, help: "The most bytes of one file of weights.")
  var maxShardSize = WeightsWriter.maximumShardSize

  func validate() throws {
    if maxShardSize < 1 {
      throw ValidationError("--max-shard-size must be at least 1, but is \(maxShardSize)")
    }
  }

  func run() throws {
    try reportingErrors {
      let folder = try HubCache().resolve(model)
      let target = URL(fileURLWithPath: output, isDirectory: true)
      let loaded = try VisionEncoderDecoder(at: folder)
      let tokenizer = try AutoTokenizer.load(from: folder, modelType: loaded.configuration.decoderModelType)
      let processor = try ImageProcessor(contentsOf: folder)
      let generation = try GenerationOptions.checkpoint(
        generationConfig: try? Data(contentsOf: folder.appendingPathComponent("generation_config.json")),
        config: try? Data(contentsOf: folder.appendingPathComponent("config.json")))
      try loaded.save(to: target, format: weightsFormat, maximumShardSize: maxShardSize)
      try tokenizer.save(to: target)
      try AtomicFile.write(
        Array(processor.preprocessorConfiguration()),
        to: target.appendingPathComponent("preprocessor_config.json"))
      try AtomicFile.write(
        Array(generation.generationConfig()), to: target.appendingPathComponent("generation_config.json"))
    }
  }
}
