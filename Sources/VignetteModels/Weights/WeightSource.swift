import VignetteTensors

/// Where a model's weights come from: a checkpoint, a random generator, or one after the other.
public protocol WeightSource {
  /// Whether the source holds a value of this name, rather than one that it would make up.
  func hasWeight(named name: String) -> Bool

  /// The weight of this full name, or nil if the source has none.
  ///
  /// - Throws: what kept a weight that is there from being read, a shape other than `shape` included.
  func weight(named name: String, shape: [Int], initialization: Initialization) throws -> LoadedWeight?
}
