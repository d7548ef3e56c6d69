package import VignetteTensors

/// Where a model's weights come from: a checkpoint, a random generator, or one after the other.
package protocol WeightSource {
  /// Whether the source holds a value of this name, rather than one that it would make up.
  func hasWeight(named name: String) -> Bool

  /// The weight of this full name, or nil if the source has none.
  ///
  /// - Throws: what kept a weight that is there from being read, a shape other than `shape` included.
  func weight(named name: String, shape: [Int], initialization: Initialization) throws -> LoadedWeight?

  /// What the source holds besides these weights and must be accounted for; nothing where it may hold what it likes.
  func names(besides requested: Set<String>) -> [String]
}

extension WeightSource {
  package func names(besides requested: Set<String>) -> [String] { [] }
}

/// A weight's value and, where it stands in a mapped file, a way to give its memory back.
package struct LoadedWeight {
  let value: Tensor
  let release: (() -> Void)?

  package init(_ value: Tensor, release: (() -> Void)? = nil) {
    self.value = value
    self.release = release
  }
}

extension LoadedWeight {
  /// A weight of a model that is built to be looked at, and computes nothing.
  static var withoutValue: LoadedWeight { LoadedWeight(Tensor(zeros: [0])) }
}

/// All weights that are asked for, without values: for what is to be told of a model by its configuration alone.
package struct AbsentWeights: WeightSource {
  package init() {}

  package func hasWeight(named name: String) -> Bool { true }

  package func weight(named name: String, shape: [Int], initialization: Initialization) -> LoadedWeight? {
    .withoutValue
  }
}

/// Weights drawn at random, for a model that starts from nothing.
package final class RandomWeights: WeightSource {
  private var generator: RandomGenerator

  package init(seed: UInt64) { generator = RandomGenerator(seed: seed) }

  package func hasWeight(named name: String) -> Bool { false }

  package func weight(named name: String, shape: [Int], initialization: Initialization) -> LoadedWeight? {
    LoadedWeight(initialization.makeTensor(shape, using: &generator))
  }
}
