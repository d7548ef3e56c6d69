public import Foundation

/// Why captions could not be generated.
public enum GenerationError: Error, Equatable, Sendable {
  /// An option has a value that makes no sense; `option` as the command line spells it.
  case invalidOption(option: String, value: String, requirement: String)
  /// Two options that can't both be had.
  case contradiction(String)
  /// Neither `decoder_start_token_id` nor `bos_token_id` is known.
  case missingStartToken
  /// The model's logits for an image are not numbers.
  case brokenLogits(image: Int, position: Int)
  /// The options leave no token to sample.
  case nothingToSample(image: Int, position: Int)
  /// The rows of logits would not fit into memory.
  case tooManyRows(images: Int, rowsPerImage: Int, vocabularySize: Int)
}

extension GenerationError: CustomStringConvertible, LocalizedError {
  public var errorDescription: String? { description }

  public var description: String {
    switch self {
    case .invalidOption(let option, let value, let requirement):
      "\(option) must be \(requirement), but is \(value)"
    case .contradiction(let text):
      text
    case .missingStartToken:
      "generation_config.json and config.json name neither decoder_start_token_id nor bos_token_id: "
        + "add the id of the token that captions start with to generation_config.json"
    case .brokenLogits(let image, let position):
      "the decoder's logits for image \(image) at position \(position) are not finite numbers: "
        + "the checkpoint's weights are probably damaged (or try --dtype float32)"
    case .nothingToSample(let image, let position):
      "every token is ruled out for image \(image) at position \(position): "
        + "relax --no-repeat-ngram-size, suppress_tokens or bad_words_ids"
    case .tooManyRows(let images, let rowsPerImage, let vocabularySize):
      "\(images) images × \(rowsPerImage) beams × \(vocabularySize) logits do not fit into memory: "
        + "lower --batch-size, --num-beams or --num-return-sequences"
    }
  }
}
