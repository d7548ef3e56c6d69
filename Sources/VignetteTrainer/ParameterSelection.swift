import Foundation
import VignetteModels
package import VignetteTensors

/// Which weights of a model a run learns, and how they decay.
struct ParameterSelection {
  private let freezesEncoder: Bool
  private let freezesDecoder: Bool

  init(_ arguments: TrainingArguments) {
    freezesEncoder = arguments.freezeEncoder
    freezesDecoder = arguments.freezeDecoder
  }

  /// Whether a parameter learns.
  func learns(_ parameter: Parameter) -> Bool {
    switch parameter.part {
    case .vision: !freezesEncoder
    case .text: !freezesDecoder
    case .bridge, nil: true
    }
  }

  /// Makes those of a model's parameters trainable that learn, the others not, and gives AdamW for them.
  func optimizer(for model: any CaptionModel, _ options: AdamWOptions) -> AdamW {
    for parameter in model.parameters { parameter.setTrainable(learns(parameter)) }
    return AdamW(model.parameters.filter(\.isTrainable), options: options, decays: WeightDecay.applies)
  }
}

/// Which parameters weight decay leaves alone: biases and layer norms, by the rule of Hugging Face's Trainer.
package enum WeightDecay {
  package static func applies(to parameter: Parameter) -> Bool {
    let name = parameter.name.lowercased()
    if !parameter.decays || ["bias", "layernorm", "rmsnorm"].contains(where: name.contains) { return false }
    return !name.split(separator: ".").contains { $0 == "norm" || $0.hasSuffix("_norm") }
  }
}
