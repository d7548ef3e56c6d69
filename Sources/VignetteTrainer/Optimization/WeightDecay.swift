import Foundation
public import VignetteTensors

/// Which parameters weight decay leaves alone: biases and layer norms, by the rule of Hugging Face's Trainer.
public enum WeightDecay {
  public static func applies(to parameter: Parameter) -> Bool {
    let name = parameter.name.lowercased()
    if !parameter.decays || ["bias", "layernorm", "rmsnorm"].contains(where: name.contains) { return false }
    return !name.split(separator: ".").contains { $0 == "norm" || $0.hasSuffix("_norm") }
  }
}
