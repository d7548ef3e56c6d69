public import Foundation
public import VignetteCheckpoints
import VignetteFiles
public import VignetteImages
public import VignetteModels
public import VignetteTokenizers

/// What a checkpoint folder holds of a captioner: all that captioning takes, and all that is written again.
public struct CaptionerParts {
  public let model: any CaptionModel
  public let tokenizer: any Tokenizer
  public let imageProcessor: ImageProcessor
  /// What the checkpoint says about generating.
  public let generation: GenerationOptions
  /// Fields of generation_config.json that ask for something that isn't done here.
  public let unsupportedFields: [String]
  /// Fields of generation_config.json that have no effect, as in Transformers: they are about the tokens that a model
  /// is given, and an image has none.
  public let ignoredFields: [String]

  /// Loads weights, config.json, tokenizer, image processor and, where it is there, generation_config.json.
  ///
  /// - Throws: an error that names the file and what is wrong with it.
  public init(at folder: URL) throws { try self.init(at: folder, families: CaptionFamily.all) }

  /// - Parameter families: the model families that are known.
  package init(at folder: URL, families: [CaptionFamily]) throws {
    try CaptionFamily.check(folder, among: families)
    imageProcessor = try ImageProcessor(contentsOf: folder)
    model = try CaptionFamily.loadModel(at: folder, among: families)
    tokenizer = try AutoTokenizer.load(from: folder, modelType: model.configuration.textModelType)
    let said = try CheckpointGeneration(in: folder, of: model)
    (generation, unsupportedFields, ignoredFields) = (
      said.options, said.unsupportedFields, said.ignoredFields
    )
  }

  package init(
    model: any CaptionModel, tokenizer: any Tokenizer, imageProcessor: ImageProcessor,
    generation: GenerationOptions
  ) {
    self.model = model
    self.tokenizer = tokenizer
    self.imageProcessor = imageProcessor
    self.generation = generation
    (unsupportedFields, ignoredFields) = ([], [])
  }

  /// Writes what ``init(at:)`` and Transformers load.
  ///
  /// - Parameters:
  ///   - folder: made where it doesn't exist.
  ///   - format: of the weights.
  ///   - dtype: what the weights are rounded to.
  ///   - maximumShardSize: bytes of a file of weights, beyond which there are several.
  ///   - progress: called with the bytes of the weights that are written and their number.
  /// - Throws: what the file system says; `CheckpointError` where a weight is beyond `dtype`. Each file is whole, or as it
  ///   was before.
  public func save(
    to folder: URL, format: WeightsFormat = .safetensors, dtype: WeightsType = .float32,
    maximumShardSize: Int = WeightsWriter.maximumShardSize,
    progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    try model.save(
      to: folder, format: format, dtype: dtype, maximumShardSize: maximumShardSize, progress: progress)
    try tokenizer.save(to: folder)
    try AtomicFile.write(
      Array(imageProcessor.preprocessorConfiguration()),
      to: folder.appendingPathComponent("preprocessor_config.json"))
    try AtomicFile.write(
      Array(generation.generationConfig()), to: folder.appendingPathComponent(CheckpointGeneration.fileName))
  }
}
