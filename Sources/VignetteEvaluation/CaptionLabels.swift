import Foundation
package import VignetteDatasets
import VignetteFiles
package import VignetteModels
import VignetteTensors
package import VignetteTokenizers

/// How token ids become labels.
package struct LabelOptions: Sendable, Equatable {
  /// Maximum number of labels of a caption, its end token included.
  package var maxTargetLength = 128
  /// Whether every batch is as wide as ``maxTargetLength`` instead of its longest caption.
  package var padsToMaxLength = false
  /// Whether padding counts in the loss, as in the well-known tutorial: labels are then padded with the padding
  /// token, and no end token is added.
  package var countsPadding = false

  package init() {}
}

/// The labels of a batch of captions, equally long.
package struct CaptionLabels: Sendable, Equatable {
  /// B rows of T token ids; ``ignoredLabel`` where there is none.
  package let rows: [[Int32]]
  /// How many labels the loss counts.
  package let count: Int

  /// - Parameters:
  ///   - captions: token ids without start and end tokens.
  ///   - endTokenID: the token that the model learns to stop with.
  package init(_ captions: [[Int]], endTokenID: Int, padTokenID: Int, options: LabelOptions) {
    let limit = options.maxTargetLength
    let labels = captions.map { ids in
      options.countsPadding
        ? ids.prefix(limit).map { Int32($0) } : ids.prefix(limit - 1).map { Int32($0) } + [Int32(endTokenID)]
    }
    let width = options.padsToMaxLength ? limit : labels.map(\.count).max() ?? 0
    let filler = options.countsPadding ? Int32(padTokenID) : ignoredLabel
    rows = labels.map { $0 + [Int32](repeating: filler, count: width - $0.count) }
    count = options.countsPadding ? width * captions.count : labels.reduce(0) { $0 + $1.count }
  }
}

/// How captions become token ids, and the ids that a model starts, ends and pads them with.
package struct CaptionTokenizer {
  package let tokenizer: any Tokenizer
  package let startTokenID: Int
  package let endTokenID: Int
  package let padTokenID: Int
  /// What stands between the start token and each caption.
  package let prompt: [Int]
  /// How many labels the decoder has positions for.
  package let maximumLength: Int
  /// Whether texts go to the tokenizer as the annotation has them, as in runs that repeat another program's.
  package let keepsText: Bool

  /// - Parameter prompt: the text before each caption, which the model is given and doesn't learn.
  /// - Throws: ``EvaluationError/missingToken(_:)``, ``EvaluationError/vocabulary(token:vocabularySize:)``,
  ///   `SettingError` where the prompt is too long.
  package init(
    _ tokenizer: any Tokenizer, _ model: any CaptionModel, prompt: String = "", keepsText: Bool = false
  ) throws {
    guard let start = model.configuration.decoderStartTokenID else {
      throw EvaluationError.missingToken("decoder_start_token_id")
    }
    guard let pad = model.configuration.padTokenID else { throw EvaluationError.missingToken("pad_token_id") }
    guard let end = model.configuration.endTokenID ?? tokenizer.sepTokenID ?? tokenizer.eosTokenID else {
      throw EvaluationError.missingToken("eos_token_id")
    }
    let largest = max(start, pad, end, tokenizer.idBound - 1)
    guard largest < model.vocabularySize else {
      throw EvaluationError.vocabulary(token: largest, vocabularySize: model.vocabularySize)
    }
    self.tokenizer = tokenizer
    startTokenID = start
    endTokenID = end
    padTokenID = pad
    self.prompt = tokenizer.encode(prompt, addSpecialTokens: false)
    maximumLength = model.maximumLength - self.prompt.count
    guard self.prompt.isEmpty || maximumLength > 1 else {
      throw SettingError(
        "prompt",
        "must leave room for a caption among the \(model.maximumLength) tokens that the decoder has positions for, "
          + "but has \(self.prompt.count)")
    }
    self.keepsText = keepsText
  }

  /// The ids of a caption, without start and end tokens.
  package func ids(of caption: ReferenceCaption) -> [Int] {
    tokenizer.encode(keepsText ? caption.text : caption.trimmedText, addSpecialTokens: false)
  }

  /// Labels of captions, no longer than the decoder has positions for.
  package func labels(_ captions: [ReferenceCaption], options: LabelOptions) -> CaptionLabels {
    var options = options
    options.maxTargetLength = min(options.maxTargetLength, maximumLength)
    return CaptionLabels(
      captions.map(ids), endTokenID: endTokenID, padTokenID: padTokenID, options: options)
  }

  /// The text of generated ids.
  package func text(of ids: [Int]) -> String {
    tokenizer.decode(ids, skipSpecialTokens: true).trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
