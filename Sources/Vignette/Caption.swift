public import VignetteModels

/// A caption of an image.
public struct Caption: Codable, Hashable, Sendable, CustomStringConvertible {
  /// The text, without special tokens and without spaces around it.
  public let text: String
  /// The ids as Hugging Face's `generate` returns them: the decoder's start token first, no padding.
  public let tokenIDs: [Int]
  /// The score of beam search; nil without beams.
  public let score: Float?
  /// The model's log-probability of each generated token: how sure it was.
  public let tokenLogProbabilities: [Float]
  /// Whether it ends because it reached the greatest length or time, and not with an end token or a text that ends it.
  public let isCutOff: Bool
  /// Where the model looked for each word; nil unless ``GenerationOptions/outputAttentions`` asked for it.
  public let attention: CaptionAttention?
  /// The likeliest tokens in the position of each generated token, the likeliest first; empty where they weren't asked
  /// for (`GenerationOptions.topLogProbabilities`).
  public let alternatives: [[TokenLogProbability]]

  public init(
    text: String, tokenIDs: [Int] = [], score: Float? = nil, tokenLogProbabilities: [Float] = [],
    isCutOff: Bool = false, attention: CaptionAttention? = nil, alternatives: [[TokenLogProbability]] = []
  ) {
    self.text = text
    self.tokenIDs = tokenIDs
    self.score = score
    self.tokenLogProbabilities = tokenLogProbabilities
    self.isCutOff = isCutOff
    self.attention = attention
    self.alternatives = alternatives
  }

  public var description: String { text }
}
