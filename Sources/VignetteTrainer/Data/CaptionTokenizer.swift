import VignetteDatasets
import VignetteModels
import VignetteTokenizers

/// How captions become token ids, and the ids that a model starts, ends and pads them with.
struct CaptionTokenizer {
  let tokenizer: any Tokenizer
  let startTokenID: Int
  let endTokenID: Int
  let padTokenID: Int
  /// How many labels the decoder has positions for.
  let maximumLength: Int
  /// Whether texts go to the tokenizer as the annotation has them, as in runs that repeat another program's.
  let keepsText: Bool

  /// - Throws: ``TrainingError/missingToken(_:)``, ``TrainingError/vocabulary(token:vocabularySize:)``.
  init(_ tokenizer: any Tokenizer, _ model: any CaptionModel, keepsText: Bool) throws {
    guard let start = model.configuration.decoderStartTokenID else {
      throw TrainingError.missingToken("decoder_start_token_id")
    }
    guard let pad = model.configuration.padTokenID else { throw TrainingError.missingToken("pad_token_id") }
    guard let end = model.configuration.endTokenID ?? tokenizer.sepTokenID ?? tokenizer.eosTokenID else {
      throw TrainingError.missingToken("eos_token_id")
    }
    let largest = max(start, pad, end, tokenizer.idBound - 1)
    guard largest < model.vocabularySize else {
      throw TrainingError.vocabulary(token: largest, vocabularySize: model.vocabularySize)
    }
    self.tokenizer = tokenizer
    startTokenID = start
    endTokenID = end
    padTokenID = pad
    maximumLength = model.maximumLength
    self.keepsText = keepsText
  }

  func ids(of caption: ReferenceCaption) -> [Int] {
    tokenizer.encode(keepsText ? caption.text : caption.trimmedText, addSpecialTokens: false)
  }
}
