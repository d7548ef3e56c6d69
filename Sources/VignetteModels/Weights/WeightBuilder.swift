public import VignetteTensors

/// Gathers the parameters of a model while it is built, and everything that is wrong with their source.
public final class WeightBuilder {
  private let source: any WeightSource
  private var parameters: [Parameter] = []
  private var missing: [String] = []
  private var failures: [any Error] = []
  /// Names that were asked for, present or not.
  private(set) var requested: Set<String> = []

  public init(_ source: any WeightSource) { self.source = source }

  public var root: WeightScope { WeightScope(self) }

  func parameter(_ name: String, _ shape: [Int], _ initialization: Initialization) -> Parameter {
    requested.insert(name)
    if let loaded = load(name, shape, initialization) { return keep(name, loaded) }
    missing.append(name)
    return Parameter(name: name, value: Self.standIn)
  }

  func tiedParameter(_ name: String, to other: Parameter, _ initialization: Initialization) -> Parameter? {
    requested.insert(name)
    guard source.hasWeight(named: name), let loaded = load(name, other.shape, initialization) else {
      return nil
    }
    return loaded.value.floats == other.value.floats ? nil : keep(name, loaded)
  }

  /// All parameters, in the order in which the model asked for them.
  ///
  /// - Throws: ``WeightsError`` with every missing name, or the first failure to read one.
  public func finish() throws -> [Parameter] {
    if let failure = failures.first { throw failure }
    if !missing.isEmpty { throw WeightsError.missing(missing) }
    return parameters
  }

  private func load(_ name: String, _ shape: [Int], _ initialization: Initialization) -> LoadedWeight? {
    do {
      return try source.weight(named: name, shape: shape, initialization: initialization)
    } catch {
      failures.append(error)
      return LoadedWeight(Self.standIn)
    }
  }

  /// Takes the place of a weight that isn't there, until ``finish()`` throws. Its size is not the file's to choose.
  private static var standIn: Tensor { Tensor(zeros: [0]) }

  private func keep(_ name: String, _ loaded: LoadedWeight) -> Parameter {
    let parameter = Parameter(name: name, value: loaded.value, release: loaded.release)
    parameters.append(parameter)
    return parameter
  }
}
