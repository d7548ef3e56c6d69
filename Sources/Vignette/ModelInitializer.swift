import Checkpoints
import Foundation
import Imaging
import JSON
import Models
import Tokenizers

/// Makes the checkpoint folder that training starts from.
public struct ModelInitializer {
  public let model: VisionEncoderDecoder
  public let tokenizer: any Tokenizer
  public let imageProcessor: ImageProcessor
  /// Weights that no pretrained checkpoint had.
  public let freshNames: [String]
  private let generation: GenerationOptions

  /// Joins a pretrained encoder and a pretrained decoder, as `from_encoder_decoder_pretrained` does.
  ///
  /// - Throws: an error that names the file and the field that doesn't work.
  public init(encoder: URL, decoder: URL, seed: UInt64) throws {
    let encoderJSON = try JSONField(contentsOf: encoder.appendingPathComponent("config.json"))
    let decoderJSON = try Self.attendingToImages(
      JSONField(contentsOf: decoder.appendingPathComponent("config.json")))
    // Before the tokenizer, whose absence would say less about a model that isn't supported.
    _ = try EncoderArchitecture(encoderJSON)
    let architecture = try DecoderArchitecture(decoderJSON)
    let tokenizer = try AutoTokenizer.load(from: decoder, modelType: architecture.rawValue)
    let configuration = try Self.configuration(encoder: encoderJSON, decoder: decoderJSON, tokenizer)
    let weights = try PretrainedWeights(
      encoder: Self.weights(encoder), decoder: Self.weights(decoder), for: configuration, seed: seed)
    let processor = try ImageProcessor(contentsOf: encoder)
    try self.init(configuration, weights, tokenizer, processor)
  }

  /// Makes a model of random weights, and a tokenizer trained on captions.
  ///
  /// - Parameters:
  ///   - captions: the texts that the vocabulary is made from.
  ///   - vocabularySize: the most tokens of it.
  public init(
    encoder: EncoderPreset, decoder: DecoderPreset, captions: some Sequence<String>, vocabularySize: Int,
    imageSize: Int? = nil, seed: UInt64
  ) throws {
    let tokenizer = try ByteLevelBPETrainer(vocabSize: vocabularySize).train(on: captions)
    let end = tokenizer.eosTokenID ?? 0
    let configuration = try Self.configuration(
      encoder: JSONField(encoder.configuration(imageSize: imageSize), file: encoder.rawValue),
      decoder: JSONField(
        decoder.configuration(vocabularySize: tokenizer.vocabularySize, endTokenID: end),
        file: decoder.rawValue), tokenizer)
    var processor = ImageProcessor(kind: .vit)
    let side = try configuration.json["encoder"]["image_size"].value(as: Int.self)
    processor.size = .exactly(height: side, width: side)
    try self.init(configuration, RandomWeights(seed: seed), tokenizer, processor)
  }

  private init(
    _ configuration: VisionEncoderDecoderConfiguration, _ weights: any WeightSource,
    _ tokenizer: any Tokenizer,
    _ processor: ImageProcessor
  ) throws {
    model = try VisionEncoderDecoder(configuration, weights: weights)
    self.tokenizer = tokenizer
    imageProcessor = processor
    freshNames = (weights as? PretrainedWeights)?.freshNames ?? model.parameters.map(\.name)
    generation = GenerationOptions(
      bosTokenID: configuration.decoderStartTokenID, eosTokenIDs: configuration.endTokenID.map { [$0] },
      padTokenID: configuration.padTokenID
    ).filled(
      from: GenerationOptions(decoderStartTokenID: configuration.decoderStartTokenID))
  }

  /// Writes model, configuration, tokenizer and image processor.
  public func save(to folder: URL) throws {
    try model.save(to: folder)
    try tokenizer.save(to: folder)
    try AtomicFile.write(
      Array(imageProcessor.preprocessorConfiguration()),
      to: folder.appendingPathComponent("preprocessor_config.json"))
    try AtomicFile.write(
      Array(generation.generationConfig()), to: folder.appendingPathComponent("generation_config.json"))
  }

  private static func weights(_ folder: URL) throws -> CheckpointWeights {
    let checkpoint = try CheckpointFolder(at: folder)
    return CheckpointWeights(checkpoint.names.compactMap { checkpoint[$0] })
  }

  /// A decoder's configuration with its attention to the image switched on.
  private static func attendingToImages(_ decoder: JSONField) throws -> JSONField {
    var json: JSONObject = try decoder.value()
    json["is_decoder"] = true
    json["add_cross_attention"] = true
    return JSONField(.object(json), file: decoder.file)
  }

  /// The joint config.json, with the tokenizer's special tokens: what starts, ends and fills captions. GPT-2 has
  /// neither a start nor a padding token; its only one does all three.
  private static func configuration(
    encoder: JSONField, decoder: JSONField, _ tokenizer: any Tokenizer
  ) throws -> VisionEncoderDecoderConfiguration {
    func token(_ ids: Int?..., field: String) throws -> Int {
      if let id = ids.compactMap({ $0 }).first { return id }
      return try decoder[field].value()
    }
    let start = try token(tokenizer.clsTokenID, tokenizer.bosTokenID, field: "bos_token_id")
    let end = try token(tokenizer.sepTokenID, tokenizer.eosTokenID, field: "eos_token_id")
    let pad = tokenizer.padTokenID ?? end
    return try VisionEncoderDecoderConfiguration(
      JSONField(
        [
          "architectures": ["VisionEncoderDecoderModel"], "model_type": "vision-encoder-decoder",
          "is_encoder_decoder": true, "tie_word_embeddings": false, "dtype": "float32",
          "transformers_version": "5.23.0", "decoder_start_token_id": .int(start), "eos_token_id": .int(end),
          "pad_token_id": .int(pad), "encoder": encoder.value(), "decoder": decoder.value(),
        ], file: "config.json"), encoder: encoder, decoder: decoder)
  }
}
