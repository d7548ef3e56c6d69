import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors
import Testing

/// Every encoder and decoder against Transformers'.
@Suite struct ArchitectureParityTests {
  static let pairs = [
    "deit-bert", "deit-roberta", "beit-roberta", "beit-gpt2", "beit-bert", "swin-gpt2", "swin-bert",
    "swin-roberta",
    "vit-trocr", "vit-trocr-sinusoidal", "deit-trocr", "vit-bart", "vit-bart-options", "vit-mbart",
    "vit-mbart-options", "vit-electra", "vit-electra-options", "vit-xlm-roberta", "vit-camembert",
    "vit-bert-generation", "vit-bert-generation-options",
  ]

  /// The pairs whose decoder there is.
  static let wholePairs = pairs.filter { name in
    do {
      _ = try ReferenceModel(name, in: "architectures").load()
      return true
    } catch let error as JSONError where error.key == "decoder.model_type" {
      return false
    } catch {
      return true
    }
  }

  static let resizedPairs = ["deit-bert", "beit-roberta", "beit-bert", "swin-bert"]

  @Test(arguments: pairs)
  func encoderHiddenStates(name: String) throws {
    let reference = try ReferenceModel(name, in: "architectures")
    let (encoder, parameters) = try reference.loadEncoder()
    let hidden = try encoder.encode(reference.tensor("pixel_values"), interpolatePositions: false)
    let expected = try reference.tensor("encoder_hidden")
    #expect(hidden.shape == expected.shape && hidden.shape[2] == encoder.width)
    expectClose(hidden.floats, expected.floats, 1e-5)
    let names = reference.gradients.keys.filter { $0.hasPrefix("encoder.") }
    #expect(Set(parameters.map(\.name)) == Set(names))
  }

  @Test(arguments: resizedPairs)
  func imagesOfAnotherSize(name: String) throws {
    let reference = try ReferenceModel(name, in: "architectures")
    let hidden = try reference.loadEncoder().encoder.encode(
      reference.tensor("interpolated_pixel_values"), interpolatePositions: true)
    expectClose(hidden.floats, try reference.tensor("interpolated_encoder_hidden").floats, 1e-5)
  }

  @Test(arguments: pairs)
  func bfloat16IsClose(name: String) throws {
    guard Precision.supportsBFloat16 else { return }
    let reference = try ReferenceModel(name, in: "architectures")
    let (encoder, parameters) = try reference.loadEncoder()
    for parameter in parameters { parameter.precision = .bfloat16 }
    let hidden = try encoder.encode(reference.tensor("pixel_values"), interpolatePositions: false)
    expectClose(
      hidden.cast(to: .float32).floats, try reference.tensor("encoder_hidden").floats, 4e-2)
  }

  @Test(arguments: wholePairs)
  func logits(name: String) throws {
    try ReferenceModel(name, in: "architectures").checkLogits()
  }

  @Test(arguments: wholePairs)
  func lossAndGradients(name: String) throws {
    try ReferenceModel(name, in: "architectures").checkLossAndGradients()
  }
}
