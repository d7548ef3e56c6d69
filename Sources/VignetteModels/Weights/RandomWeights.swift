import VignetteTensors

/// Weights drawn at random, for a model that starts from nothing.
public final class RandomWeights: WeightSource {
  private var generator: RandomGenerator

  public init(seed: UInt64) { generator = RandomGenerator(seed: seed) }

  public func hasWeight(named name: String) -> Bool { false }

  public func weight(named name: String, shape: [Int], initialization: Initialization) -> LoadedWeight? {
    LoadedWeight(initialization.makeTensor(shape, using: &generator))
  }
}
