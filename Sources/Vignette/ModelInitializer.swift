public import Foundation
import VignetteCheckpoints
import VignetteFiles
import VignetteImages
import VignetteModels
import VignetteTokenizers

/// Makes the captioner that training starts from.
public struct ModelInitializer {
  /// Model, tokenizer, image processor and generation options, to be trained or written.
  public let parts: CaptionerParts
  /// Weights that no pretrained checkpoint had.
  public let freshNames: [String]

  /// Joins an encoder and a decoder, each pretrained or new: `from_encoder_decoder_pretrained` where both are
  /// pretrained.
  ///
  /// - Parameters:
  ///   - seed: what new weights are drawn from.
  ///   - progress: is told how many tokens a new tokenizer has so far.
  /// - Throws: an error that names the file and the field that doesn't work.
  public init(
    encoder: EncoderSource, decoder: DecoderSource, seed: UInt64,
    progress: (_ tokens: Int) -> Void = { _ in }
  ) throws {
    let encoder = try encoder.load()
    let decoder = try decoder.load(progress: progress)
    let configuration = try Self.configuration(
      encoder: encoder.configuration, decoder: decoder.configuration, decoder.tokenizer)
    let weights = try PretrainedWeights(
      encoder: encoder.weights, decoder: decoder.weights, for: configuration, seed: seed)
    try self.init(configuration, weights, decoder.tokenizer, encoder.imageProcessor)
  }

  private init(
    _ configuration: VisionEncoderDecoderConfiguration, _ weights: PretrainedWeights,
    _ tokenizer: any Tokenizer,
    _ processor: ImageProcessor
  ) throws {
    parts = CaptionerParts(
      model: try VisionEncoderDecoder(configuration, weights: weights), tokenizer: tokenizer,
      imageProcessor: processor,
      generation: GenerationOptions(
        decoderStartTokenID: configuration.decoderStartTokenID, bosTokenID: configuration.decoderStartTokenID,
        eosTokenIDs: configuration.endTokenID.map { [$0] }, padTokenID: configuration.padTokenID))
    freshNames = weights.freshNames
  }

  /// Writes model, configuration, tokenizer and image processor.
  ///
  /// - Parameter progress: is told how many bytes of the weights are written.
  /// - Throws: what the file system says; each file is whole, or as it was before.
  public func save(
    to folder: URL, progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    try parts.save(to: folder, progress: progress)
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
