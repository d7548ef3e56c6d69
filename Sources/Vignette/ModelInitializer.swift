public import Foundation
import VignetteFiles
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
  ///   - encoder: where the vision part comes from, with its image processor.
  ///   - decoder: where the text part comes from, with its tokenizer.
  ///   - seed: what new weights are drawn from.
  ///   - progress: called with the tokens that a new tokenizer has so far.
  /// - Throws: an error that names the file and the field that doesn't work.
  public init(
    encoder: EncoderSource, decoder: DecoderSource, seed: UInt64,
    progress: (_ tokens: Int) -> Void = { _ in }
  ) throws {
    let encoder = try encoder.load()
    let decoder = try decoder.load(progress: progress)
    let tokens = try SpecialTokens(decoder.tokenizer, decoder.model.configuration)
    let joined = try JoinedModel(
      encoder: encoder.model, decoder: decoder.model, startTokenID: tokens.start, endTokenID: tokens.end,
      padTokenID: tokens.pad, seed: seed)
    parts = CaptionerParts(
      model: joined.model, tokenizer: decoder.tokenizer, imageProcessor: encoder.imageProcessor,
      generation: GenerationOptions(
        decoderStartTokenID: tokens.start, bosTokenID: tokens.start, eosTokenIDs: [tokens.end],
        padTokenID: tokens.pad))
    freshNames = joined.freshNames
  }

  /// Writes model, configuration, tokenizer and image processor.
  ///
  /// - Parameters:
  ///   - folder: made where it doesn't exist.
  ///   - progress: called with the bytes of the weights that are written and their number.
  /// - Throws: what the file system says; each file is whole, or as it was before.
  public func save(
    to folder: URL, progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    try parts.save(to: folder, progress: progress)
  }
}

/// What starts, ends and fills captions: the tokenizer's special tokens. GPT-2 has neither a start nor a padding token;
/// its only one does all three.
private struct SpecialTokens {
  let start: Int
  let end: Int
  let pad: Int

  init(_ tokenizer: any Tokenizer, _ decoder: JSONField) throws {
    func token(_ ids: Int?..., field: String) throws -> Int {
      if let id = ids.compactMap({ $0 }).first { return id }
      return try decoder[field].tokenIDs()?.first ?? decoder[field].value()
    }
    start = try token(tokenizer.clsTokenID, tokenizer.bosTokenID, field: "bos_token_id")
    end = try token(tokenizer.sepTokenID, tokenizer.eosTokenID, field: "eos_token_id")
    pad = tokenizer.padTokenID ?? end
  }
}
