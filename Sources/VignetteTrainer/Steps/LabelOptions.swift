/// How token ids become labels.
public struct LabelOptions: Sendable, Equatable {
  /// The most labels of a caption, its end token included.
  public var maxTargetLength = 128
  /// Whether every batch is as wide as ``maxTargetLength`` instead of its longest caption.
  public var padsToMaxLength = false
  /// Whether padding counts in the loss, as in the well-known tutorial: labels are then padded with the padding
  /// token, and no end token is added.
  public var countsPadding = false

  public init() {}
}
