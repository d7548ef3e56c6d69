import Foundation
import Vignette

/// The captions that are measured.
struct GeneratedCaptions {
  private(set) var results: [(image: Int, caption: String)] = []
  /// How many tokens were generated for an image; none for captions from a file.
  private(set) var lengths: [Int: Int] = [:]
  /// Images that couldn't be read.
  var failures = 0
  /// The files that they come from: a model's weights, or the captions themselves.
  let sources: [URL]
  /// How they were generated, nothing left open; nil for captions from a file.
  let generation: GenerationOptions?
  /// What was computed in; nil for captions from a file.
  let dtype: Precision?

  init(
    _ results: [(image: Int, caption: String)] = [], from sources: [URL],
    generation: GenerationOptions? = nil, dtype: Precision? = nil
  ) {
    self.results = results
    self.sources = sources
    self.generation = generation
    self.dtype = dtype
  }

  mutating func add(_ caption: Caption, of image: Int, padTokenID: Int?) {
    results.append((image, caption.text))
    lengths[image] = caption.tokenIDs.count { $0 != padTokenID }
  }
}
