/// A captioner's decoder as `generate` sees it: token ids in, next-token logits out.
///
/// One call of `step` feeds one token to each *row*, a row being one unfinished caption. Which rows there are is
/// told by `parents`, so that one array serves for spreading an image over its beams, for reordering the beams'
/// key/value caches, and for dropping captions that are finished:
/// - in the first step, `parents[row]` is the number of the image that the row captions;
/// - in later steps, `parents[row]` is the row of the previous step whose tokens this row continues.
///
/// The rows of an image stand together, in the order of the images, and a row's parent always belongs to the same
/// image. Rows of the previous step that are nobody's parent are finished and may be forgotten. When `parents` is
/// `0, 1, 2, …` and the number of rows is unchanged, no cache needs to move.
public protocol DecodingModel {
  /// The images to caption; their encodings are the model's own business.
  var imageCount: Int { get }

  /// The number of logits in a row.
  var vocabularySize: Int { get }

  /// The number of tokens that can be fed to one row (GPT-2's `n_positions`).
  var maximumLength: Int { get }

  /// Feeds `tokens[row]` to each row and writes the logits of the token that follows.
  ///
  /// - Parameters:
  ///   - tokens: One token id a row, each in `0..<vocabularySize`.
  ///   - parents: Where each row comes from; as many as `tokens`.
  ///   - logits: `tokens.count` × `vocabularySize`, row by row.
  mutating func step(
    tokens: [Int], parents: [Int], logits: UnsafeMutableBufferPointer<Float>
  ) throws
}
