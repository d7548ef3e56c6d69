import VignetteCheckpoints
import Foundation
import VignetteFiles
import VignetteModels
import VignetteTensors
import Testing

/// A decoder of `Fixtures/architectures` behind a small random ViT: what the fixture's own encoder put out is given
/// to the decoder as it is.
struct ReferenceDecoder {
  let reference: ReferenceModel
  let model: VisionEncoderDecoder

  init(_ name: String, overriding fields: [String: JSONValue] = [:]) throws {
    reference = try ReferenceModel(name, in: "architectures")
    let config = reference.folder.appendingPathComponent("config.json")
    var json = try JSONObject(json: JSONValue(contentsOf: config), at: JSONField(contentsOf: config))
    let checkpoint = CheckpointWeights(try reference.storedTensors())
    if json["model_type"] == "distilbert" {
      // Not a pair but a DistilBertForMaskedLM, as `init` finds it.
      json["add_cross_attention"] = true
      for (name, value) in fields { json[name] = value }
      let configuration = try Self.configuration(decoder: .object(json), encoderWidth: 12)
      let weights = try PretrainedWeights(
        encoder: CheckpointWeights([]), decoder: checkpoint, for: configuration, seed: 1)
      model = try VisionEncoderDecoder(configuration, weights: weights)
      #expect(
        weights.freshNames.allSatisfy {
          $0.hasPrefix("encoder.") || $0.contains(".crossattention.") || $0.contains(".ca_layer_norm.")
        })
    } else {
      let width = try reference.tensor("encoder_hidden").shape[2]
      let decoder = try JSONField(contentsOf: config)["decoder"].value(as: JSONValue.self)
      let configuration = try Self.configuration(decoder: decoder, encoderWidth: width)
      model = try VisionEncoderDecoder(configuration, weights: WithoutEncoder(checkpoint: checkpoint))
    }
  }

  /// What the decoder attends to: the fixture's encoder output at the decoder's width.
  func image(on tape: Tape? = nil) throws -> ImageFeatures {
    let hidden = try reference.tensor("encoder_hidden")
    return model.features(tape?.watch(hidden) ?? hidden)
  }

  private static func configuration(decoder: JSONValue, encoderWidth: Int) throws
    -> VisionEncoderDecoderConfiguration
  {
    let encoder: JSONValue = [
      "model_type": "vit", "hidden_size": .int(encoderWidth), "num_hidden_layers": 1,
      "num_attention_heads": 1,
      "intermediate_size": 4, "image_size": 4, "patch_size": 2,
    ]
    return try VisionEncoderDecoderConfiguration(
      JSONField(
        ["model_type": "vision-encoder-decoder", "encoder": encoder, "decoder": decoder], file: "config.json")
    )
  }
}

/// A checkpoint's decoder, and an encoder of random weights in place of its own.
private struct WithoutEncoder: WeightSource {
  let checkpoint: CheckpointWeights
  let random = RandomWeights(seed: 1)

  func hasWeight(named name: String) -> Bool { checkpoint.hasWeight(named: name) }

  func weight(named name: String, shape: [Int], initialization: Initialization) throws -> LoadedWeight? {
    name.hasPrefix("encoder.")
      ? random.weight(named: name, shape: shape, initialization: initialization)
      : try checkpoint.weight(named: name, shape: shape, initialization: initialization)
  }
}
