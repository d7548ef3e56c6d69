/// The part of a tokenizer between added tokens: normalisation, pre-tokenisation, the model, and decoding.
package protocol TokenizerModel: Sendable {
  var vocabulary: Vocabulary { get }

  /// Whether Transformers' own clean-up of spaces may apply to what this decodes.
  var allowsCleanUp: Bool { get }

  /// What text becomes before added tokens marked `normalized` are looked for; nil where nothing changes.
  func normalized(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]?

  /// Appends the ids of normalised text that holds no added token.
  func encode(_ text: UnsafeBufferPointer<UInt8>, into ids: inout [Int])

  /// The text of tokens.
  func decode(_ tokens: [ArraySlice<UInt8>]) -> String
}
