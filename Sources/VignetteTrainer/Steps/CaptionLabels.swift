import VignetteTensors

/// The labels of a batch of captions, equally long.
public struct CaptionLabels: Sendable, Equatable {
  /// B rows of T token ids; ``ignoredLabel`` where there is none.
  public let rows: [[Int32]]
  /// How many labels the loss counts.
  public let count: Int

  /// - Parameters:
  ///   - captions: token ids without start and end tokens.
  ///   - endTokenID: the token that the model learns to stop with.
  public init(_ captions: [[Int]], endTokenID: Int, padTokenID: Int, options: LabelOptions) {
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
