public import VignetteTensors

/// Builds a model's parameters under one path of a checkpoint: `weights["h.0"]["attn"]`.
///
/// The code that builds a layer names its tensors and fixes their shapes here, so a search for a
/// checkpoint's key finds the layer.
public struct WeightScope {
  private let builder: WeightBuilder
  private let path: String

  init(_ builder: WeightBuilder, path: String = "") {
    self.builder = builder
    self.path = path
  }

  /// The scope of a part.
  public subscript(_ name: String) -> WeightScope { WeightScope(builder, path: joined(name)) }

  /// The parameter `name` of this scope. Problems are gathered and thrown when the model is complete.
  public func parameter(_ name: String, _ shape: [Int], _ initialization: Initialization) -> Parameter {
    builder.parameter(joined(name), shape, initialization)
  }

  /// A parameter that a checkpoint may lack because it equals another: nil if it is absent or the same.
  ///
  /// The same rule as Hugging Face's: of two that are present but differ, each is kept.
  public func tiedParameter(
    _ name: String, to other: Parameter, _ initialization: Initialization
  ) -> Parameter? {
    builder.tiedParameter(joined(name), to: other, initialization)
  }

  private func joined(_ name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }
}
