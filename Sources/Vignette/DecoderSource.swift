public import Foundation
import VignetteFiles
import VignetteModels
import VignetteTokenizers

/// Where a new captioner's decoder and tokenizer come from.
public enum DecoderSource: Sendable {
  /// The folder of a pretrained language model.
  case pretrained(URL)
  /// A new one of random weights, with a tokenizer of at most so many tokens made from captions; it has 257 at
  /// least, the bytes and the token that ends a text.
  case new(DecoderPreset, captions: [String], vocabularySize: Int)

  /// What a captioner takes from it.
  struct Half {
    let model: PretrainedHalf
    let tokenizer: any Tokenizer
  }

  /// - Parameter progress: called with the tokens that a new tokenizer has so far.
  func load(progress: (_ tokens: Int) -> Void) throws -> Half {
    switch self {
    case .pretrained(let folder):
      let configuration = try Self.attendingToImages(
        JSONField(contentsOf: folder.appendingPathComponent("config.json")))
      let architecture = try DecoderArchitecture(configuration)
      let tokenizer = try AutoTokenizer.load(from: folder, modelType: architecture.modelType)
      return Half(
        model: PretrainedHalf(configuration: configuration, weights: try CheckpointWeights(folder: folder)),
        tokenizer: tokenizer)
    case .new(let preset, let captions, let vocabularySize):
      guard captions.contains(where: { !$0.allSatisfy(\.isWhitespace) }) else {
        throw TokenizerError.untrainable(problem: "there are no captions to make one of")
      }
      let tokenizer = try ByteLevelBPETrainer(vocabSize: vocabularySize).train(
        on: captions, progress: progress)
      let configuration = preset.configuration(
        vocabularySize: tokenizer.vocabularySize, endTokenID: tokenizer.eosTokenID ?? 0)
      return Half(
        model: PretrainedHalf(
          configuration: JSONField(configuration, file: preset.rawValue), weights: nil),
        tokenizer: tokenizer)
    }
  }

  /// A decoder's configuration with its attention to the image switched on.
  private static func attendingToImages(_ decoder: JSONField) throws -> JSONField {
    var json: JSONObject = try decoder.value()
    json["is_decoder"] = true
    json["add_cross_attention"] = true
    return JSONField(.object(json), file: decoder.file)
  }
}
