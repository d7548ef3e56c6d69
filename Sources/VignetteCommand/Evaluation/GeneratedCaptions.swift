import Vignette

/// The captions that are measured.
struct GeneratedCaptions {
  private(set) var results: [(image: Int, caption: String)] = []
  /// How many tokens were generated for an image; none for captions from a file.
  private(set) var lengths: [Int: Int] = [:]
  /// Pictures that couldn't be read.
  var failures = 0

  init(_ results: [(image: Int, caption: String)] = []) { self.results = results }

  mutating func add(_ caption: Caption, of image: Int, padTokenID: Int?) {
    results.append((image, caption.text))
    lengths[image] = caption.tokenIDs.count { $0 != padTokenID }
  }
}
