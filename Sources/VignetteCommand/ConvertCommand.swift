import ArgumentParser
import Foundation
import Vignette
import VignetteCheckpoints
import VignetteFiles

struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a checkpoint folder anew: safetensors instead of a pickle, or half as large.",
    discussion: """
      Everything is read strictly and written as Transformers' save_pretrained does, so a folder that was converted is \
      complete and consistent.

        vignette convert --model nlpconnect/vit-gpt2-image-captioning --output model
        vignette convert --model model --dtype bfloat16 --output small

      The second folder takes half the room. Captions computed in bfloat16 (--dtype of caption and serve) are nearly \
      always the same.
      """)

  @Option(help: "Checkpoint folder, or name of a model on the Hugging Face hub.")
  var model: String
  @Option(help: "Folder to write.")
  var output: String
  @Option(help: "Format of the weights.")
  var weightsFormat = WeightsFormat.safetensors
  @Option(help: "What the weights are rounded to.")
  var dtype = WeightsType.float32
  @OptionGroup(title: "Models") var hub: HubArguments
  @Option(parsing: .unconditional, help: "Maximum size of a file of weights, in bytes.")
  var maxShardSize = WeightsWriter.maximumShardSize
  @Flag(
    inversion: .prefixedNo,
    help: "Overwrite the model that the output folder holds, instead of refusing it.")
  var overwriteOutputDir = false

  func validate() throws {
    if maxShardSize < 1 {
      throw ValidationError("--max-shard-size must be at least 1, but is \(maxShardSize)")
    }
  }

  func run() throws {
    try reportingErrors {
      let folder = FileName.url(output, isFolder: true)
      if !overwriteOutputDir { try folder.requireNoModel(named: output) }
      try CaptionerParts(at: hub.resolve(captioner: model)).save(
        to: folder, format: weightsFormat, dtype: dtype,
        maximumShardSize: maxShardSize)
    }
  }
}
