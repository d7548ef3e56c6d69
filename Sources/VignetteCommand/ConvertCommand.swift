import ArgumentParser
import Foundation
import Vignette
import VignetteCheckpoints
import VignetteFiles

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a checkpoint folder anew, for instance safetensors instead of a pickle.",
    discussion: """
      Everything is read strictly and written as Transformers' save_pretrained does, so a folder that was converted is \
      complete and consistent.

        vignette convert --model nlpconnect/vit-gpt2-image-captioning --output model
      """)

  @Option(help: "Checkpoint folder, or name of a model on the Hugging Face hub.")
  var model: String
  @Option(help: "Folder to write.")
  var output: String
  @Option(help: "Format of the weights.")
  var weightsFormat = WeightsFormat.safetensors
  @OptionGroup(title: "Models") var hub: HubArguments
  @Option(parsing: .unconditional, help: "Maximum size of a file of weights, in bytes.")
  var maxShardSize = WeightsWriter.maximumShardSize

  func validate() throws {
    if maxShardSize < 1 {
      throw ValidationError("--max-shard-size must be at least 1, but is \(maxShardSize)")
    }
  }

  func run() throws {
    try reportingErrors {
      try CaptionerParts(at: hub.resolve(captioner: model)).save(
        to: FileName.url(output, isFolder: true), format: weightsFormat,
        maximumShardSize: maxShardSize)
    }
  }
}
