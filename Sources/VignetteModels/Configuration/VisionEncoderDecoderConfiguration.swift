import Foundation
public import VignetteFiles

/// Hugging Face's config.json of a `VisionEncoderDecoderModel`: the part that spans encoder and decoder.
public struct VisionEncoderDecoderConfiguration: Sendable {
  /// The whole file, as it was read and will be written again.
  public let json: JSONField
  /// The token that every caption starts with.
  public let decoderStartTokenID: Int?
  /// What fills the place of labels that are not there.
  public let padTokenID: Int?

  /// The token that ends a caption.
  public let endTokenID: Int?
  /// The decoder's `model_type`, which tells what tokenizer belongs to it.
  public let decoderModelType: String

  let encoder: JSONField
  let decoder: JSONField

  /// - Throws: `JSONFieldError` naming the field that is missing or wrong.
  public init(_ json: JSONField) throws {
    try self.init(json, encoder: json["encoder"], decoder: json["decoder"])
  }

  /// - Parameters:
  ///   - encoder: the same as in `json`, from the file that errors should name.
  ///   - decoder: likewise.
  package init(_ json: JSONField, encoder: JSONField, decoder: JSONField) throws {
    let type: String = try json["model_type"].value()
    guard type == "vision-encoder-decoder" else {
      throw json["model_type"].mismatch(
        expected: "\"vision-encoder-decoder\", a model that joins a vision encoder and a text decoder")
    }
    self.json = json
    self.encoder = encoder
    self.decoder = decoder
    decoderModelType = try decoder["model_type"].value()
    decoderStartTokenID =
      try json["decoder_start_token_id"].optional() ?? decoder["decoder_start_token_id"].optional()
      ?? decoder["bos_token_id"].optional()
    endTokenID = try json["eos_token_id"].optional() ?? decoder["eos_token_id"].optional()
    padTokenID = try json["pad_token_id"].optional() ?? decoder["pad_token_id"].optional()
  }
}
