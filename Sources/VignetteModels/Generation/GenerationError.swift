import Foundation
public import VignetteFiles

/// Why captions could not be generated, where no single setting is at fault (that is a `SettingError`).
public enum GenerationError: PlainError, Equatable {
  /// Settings that can't all be had.
  case contradiction(String)
  /// Neither `decoder_start_token_id` nor `bos_token_id` is known.
  case missingStartToken
  /// The model's logits for an image are not numbers.
  case brokenLogits(image: Int, position: Int)
  /// The options leave no token to sample.
  case nothingToSample(image: Int, position: Int)
  /// The rows of logits would not fit into memory.
  case tooManyRows(images: Int, rowsPerImage: Int, vocabularySize: Int)

  public var description: String {
    switch self {
    case .contradiction(let text):
      text
    case .missingStartToken:
      "generation_config.json and config.json name neither decoder_start_token_id nor bos_token_id: "
        + "add the id of the token that captions start with to generation_config.json"
    case .brokenLogits(let image, let position):
      "the decoder's logits for image \(image) at position \(position) are not finite numbers: "
        + "the checkpoint's weights are probably damaged (or compute in float32: `dtype`)"
    case .nothingToSample(let image, let position):
      "every token is ruled out for image \(image) at position \(position): "
        + "relax `no_repeat_ngram_size`, suppress_tokens or bad_words_ids"
    case .tooManyRows(let images, let rowsPerImage, let vocabularySize):
      "\(images) images × \(rowsPerImage) beams × \(vocabularySize) logits do not fit into memory: "
        + "lower `batch_size`, `num_beams` or `num_return_sequences`"
    }
  }
}
