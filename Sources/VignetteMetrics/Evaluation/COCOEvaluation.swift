/// Scores a set of results against a set of references, each keyed by image, as coco-caption does.
///
/// Images come out in the order of the references. Images that have no result are left out of every
/// score and counted in `missingImages`; coco-caption itself fails on them.
public struct COCOEvaluation<ImageID: Hashable & Sendable>: Sendable {
  /// The scores of the whole set, with each image's own in the order of `images`.
  public let scores: [MetricScore]

  /// The images that were scored.
  public let images: [ImageID]

  /// With how many references each of `images` was compared.
  public let referenceCounts: [Int]

  /// The images that have references but no result.
  public let missingImages: [ImageID]

  /// Scores `results` against `references`; an image's references may be spread over several elements.
  ///
  /// - Parameter generatedTokens: how many tokens were generated for each image, padding not counted, for `gen_len`.
  /// - Throws: `MetricsError.duplicateResult` if an image has two results, `.unknownImages` if images
  ///   have results but no entry among the references, `.noReferences` if an entry is empty,
  ///   `.noCaptions` if nothing is left to score.
  public init(
    results: [(image: ImageID, caption: String)], references: [(image: ImageID, captions: [String])],
    generatedTokens: [ImageID: Int] = [:], options: CaptionScorer.Options = .init()
  ) throws {
    let captions = try Self.captions(of: results)
    var order: [ImageID] = []
    var known: [ImageID: [String]] = [:]
    for (image, captions) in references {
      if known[image] == nil { order.append(image) }
      known[image, default: []] += captions
    }
    try Self.checkKnown(results.map(\.image).filter { known[$0] == nil })
    let images = order.filter { captions[$0] != nil }

    // The tokenizer may look at the next line, so it gets all lines in the order of the reference
    // implementation's files.
    let texts = images.map { (prediction: captions[$0] ?? "", references: known[$0] ?? []) }
    let tokens = options.coco ? PTBTokenizer.tokens(in: texts.map(\.prediction)) : []
    var referenceTokens = options.coco ? PTBTokenizer.tokens(in: texts.flatMap(\.references))[...] : []
    var scorer = CaptionScorer(options: options)
    for (index, text) in texts.enumerated() {
      guard !text.references.isEmpty else { throw MetricsError.noReferences(image: "\(images[index])") }
      try scorer.add(
        prediction: text.prediction, references: text.references,
        generatedTokens: generatedTokens[images[index]], tokens: options.coco ? tokens[index] : [],
        referenceTokens: Array(referenceTokens.prefix(text.references.count)))
      referenceTokens = referenceTokens.dropFirst(text.references.count)
    }
    scores = try scorer.scores()
    self.images = images
    referenceCounts = texts.map(\.references.count)
    missingImages = order.filter { captions[$0] == nil }
  }

  /// The value of the score with this name, if it was computed.
  public subscript(name: String) -> Double? {
    scores.first { $0.name == name }?.value
  }

  private static func captions(of results: [(image: ImageID, caption: String)]) throws -> [ImageID: String] {
    var captions: [ImageID: String] = [:]
    captions.reserveCapacity(results.count)
    for (image, caption) in results {
      guard captions.updateValue(caption, forKey: image) == nil else {
        throw MetricsError.duplicateResult(image: "\(image)")
      }
    }
    return captions
  }

  private static func checkKnown(_ unknown: [ImageID]) throws {
    guard unknown.isEmpty else {
      throw MetricsError.unknownImages(unknown.prefix(5).map { "\($0)" }, total: unknown.count)
    }
  }
}
