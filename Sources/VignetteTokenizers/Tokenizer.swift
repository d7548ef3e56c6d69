public import Foundation

/// Turns text into token ids and back, as the tokenizer of a pretrained model does.
///
/// Ids equal those that Hugging Face Transformers' `AutoTokenizer` gives for the same folder.
public protocol Tokenizer: Sendable {
  /// How many tokens there are, added tokens included: `len(tokenizer)` in Transformers.
  var vocabularySize: Int { get }

  /// One more than the largest id; more than ``vocabularySize`` where ids have gaps.
  var idBound: Int { get }

  /// The longest input that the model was made for, in tokens; nil where the configuration sets none.
  var modelMaxLength: Int? { get }

  var bosTokenID: Int? { get }
  var eosTokenID: Int? { get }
  var padTokenID: Int? { get }
  var unknownTokenID: Int? { get }
  var clsTokenID: Int? { get }
  var sepTokenID: Int? { get }
  var maskTokenID: Int? { get }

  /// The ids of `text`. Nothing is truncated or padded.
  ///
  /// - Parameter addSpecialTokens: whether to wrap the ids as the model expects, such as `[CLS] … [SEP]`.
  func encode(_ text: String, addSpecialTokens: Bool) -> [Int]

  /// The text of `ids`. Ids that the vocabulary doesn't have are left out; bytes that are no UTF-8 become U+FFFD.
  ///
  /// - Parameters:
  ///   - skipSpecialTokens: whether to leave out tokens such as `<|endoftext|>`.
  ///   - cleanUpTokenizationSpaces: whether to remove the spaces before punctuation; nil takes the tokenizer's
  ///     own setting. As in Transformers, it never applies to byte-level BPE (which would lose real spaces) unless
  ///     tokenizer_config.json insists.
  func decode(_ ids: [Int], skipSpecialTokens: Bool, cleanUpTokenizationSpaces: Bool?) -> String

  /// The id of a token as the vocabulary writes it (`Ġthe`, `##ing`, `[SEP]`).
  func tokenID(for token: String) -> Int?

  /// The token with an id, as the vocabulary writes it.
  func token(for id: Int) -> String?

  /// What a token adds to a text that stands before it, in UTF-8: a space and a word, the end of a word, or a part of
  /// a character. Special tokens add their names. Nil for an id without a token.
  func textBytes(of id: Int) -> [UInt8]?

  /// Writes files that Vignette and Transformers' `AutoTokenizer` load, giving the same ids.
  ///
  /// - Throws: `SystemError`.
  func save(to folder: URL) throws
}

extension Tokenizer {
  /// The ids of `text`, wrapped in the model's special tokens.
  public func encode(_ text: String) -> [Int] {
    encode(text, addSpecialTokens: true)
  }

  public func textBytes(of id: Int) -> [UInt8]? {
    guard token(for: id) != nil else { return nil }
    let before = encode("abcdef", addSpecialTokens: false)
    func text(_ ids: [Int]) -> [UInt8] {
      Array(decode(ids, skipSpecialTokens: false, cleanUpTokenizationSpaces: false).utf8)
    }
    return Array(text(before + [id]).dropFirst(text(before).count))
  }

  /// The text of `ids`, cleaned up as the tokenizer's configuration says.
  public func decode(_ ids: [Int], skipSpecialTokens: Bool = false) -> String {
    decode(ids, skipSpecialTokens: skipSpecialTokens, cleanUpTokenizationSpaces: nil)
  }
}
