package import VignetteTensors

/// Gathers the parameters of a model while it is built, and everything that is wrong with their source.
package final class WeightBuilder {
  private let source: any WeightSource
  private var parameters: [Parameter] = []
  private var missing: [String] = []
  private var failures: [any Error] = []
  /// Names that were asked for, present or not.
  private var requested: Set<String> = []
  /// Names under which another weight was found.
  private var taken: Set<String> = []

  package init(_ source: any WeightSource) { self.source = source }

  /// The scope of a whole checkpoint; its parameters belong to `part` unless a scope within it says otherwise.
  package func root(_ part: ModelPart) -> WeightScope { WeightScope(self, part: part) }

  /// All parameters, in the order in which the model asked for them.
  ///
  /// - Parameter ignored: endings of names that the source may hold and the model doesn't need, such as a pooler's; nil
  ///   where this is a part of a model, and the source may hold the others.
  /// - Throws: ``ModelError`` with every missing, every unexpected and every mis-shaped weight, or what kept the
  ///   only faulty one from being read.
  package func finish(ignoring ignored: [String]?) throws -> [Parameter] {
    var faults = failures
    if !missing.isEmpty { faults.append(ModelError.missing(missing)) }
    let unexpected = ignored.map { ignored in
      source.names(besides: requested).filter { name in !ignored.contains { name.hasSuffix($0) } }
    }
    if let unexpected, !unexpected.isEmpty { faults.append(ModelError.unexpected(unexpected.sorted())) }
    guard let first = faults.first else { return parameters }
    throw faults.count == 1 ? first : ModelError.several(faults)
  }

  /// - Parameter aliases: what else a checkpoint may call the weight, the likeliest first.
  fileprivate func parameter(
    _ name: String, aliases: [String], _ part: ModelPart, _ shape: [Int], _ initialization: Initialization
  ) -> Parameter {
    requested.formUnion(aliases)
    requested.insert(name)
    let stored = source.hasWeight(named: name) ? name : aliases.first(where: source.hasWeight) ?? name
    if stored != name { taken.insert(stored) }
    if let loaded = load(stored, shape, initialization) { return keep(name, part, loaded) }
    missing.append(name)
    return Parameter(name: name, part: part, value: Self.standIn)
  }

  fileprivate func tiedParameter(
    _ name: String, _ part: ModelPart, to other: Parameter, _ shape: [Int], _ initialization: Initialization
  ) -> Parameter? {
    requested.insert(name)
    guard !taken.contains(name), source.hasWeight(named: name),
      let loaded = load(name, shape, initialization)
    else { return nil }
    return loaded.value.floats == other.value.floats ? nil : keep(name, part, loaded)
  }

  private func load(_ name: String, _ shape: [Int], _ initialization: Initialization) -> LoadedWeight? {
    do {
      return try source.weight(named: name, shape: shape, initialization: initialization)
    } catch {
      failures.append(error)
      return LoadedWeight(Self.standIn)
    }
  }

  /// Stands for a weight that isn't there, until ``finish(ignoring:)`` throws. Its size is not the file's to choose.
  private static var standIn: Tensor { Tensor(zeros: [0]) }

  private func keep(_ name: String, _ part: ModelPart, _ loaded: LoadedWeight) -> Parameter {
    let parameter = Parameter(name: name, part: part, value: loaded.value, release: loaded.release)
    parameters.append(parameter)
    return parameter
  }
}

/// Builds a model's parameters under one path of a checkpoint: `weights["h.0"]["attn"]`.
///
/// The code that builds a layer names its tensors and fixes their shapes here, so a search for a
/// checkpoint's key finds the layer.
package struct WeightScope {
  private let builder: WeightBuilder
  private let part: ModelPart
  private let path: String
  /// Other names of what stands in the scope that begins after so many characters of the path.
  private var renamed: (from: Int, rules: [Renaming])?

  fileprivate init(_ builder: WeightBuilder, part: ModelPart, path: String = "") {
    self.builder = builder
    self.part = part
    self.path = path
  }

  /// A stretch of a name within a model, and what else it is called.
  package typealias Renaming = (own: String, other: String)

  /// The scope of a layer or a model within this one.
  package subscript(_ name: String) -> WeightScope {
    var scope = WeightScope(builder, part: part, path: joined(name))
    scope.renamed = renamed
    return scope
  }

  /// This scope, in which a checkpoint may use other names: those in which `rules` are applied, one after the other.
  package func alsoNamed(_ rules: [Renaming]) -> WeightScope {
    var scope = self
    scope.renamed = (path.isEmpty ? 0 : path.count + 1, rules)
    return scope
  }

  /// The parameter `name` of this scope. Problems are gathered and thrown when the model is complete.
  ///
  /// - Parameter twin: a full name under which a checkpoint may hold it instead, because the two are tied.
  package func parameter(
    _ name: String, _ shape: [Int], _ initialization: Initialization, twin: String? = nil
  ) -> Parameter {
    let own = joined(name)
    var aliases: [String] = []
    if let renamed {
      aliases.append(
        own.prefix(renamed.from)
          + renamed.rules.reduce(String(own.dropFirst(renamed.from))) {
            $0.replacing($1.own, with: $1.other)
          })
    }
    if let twin { aliases.append(twin) }
    return builder.parameter(own, aliases: aliases.filter { $0 != own }, part, shape, initialization)
  }

  /// A parameter that a checkpoint may lack because it equals another: nil if it is absent or the same.
  ///
  /// The same rule as Hugging Face's: of two that are present but differ, each is kept.
  package func tiedParameter(
    _ name: String, to other: Parameter, _ shape: [Int], _ initialization: Initialization
  ) -> Parameter? {
    builder.tiedParameter(joined(name), part, to: other, shape, initialization)
  }

  /// The full name of a parameter of this scope.
  package func joined(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
