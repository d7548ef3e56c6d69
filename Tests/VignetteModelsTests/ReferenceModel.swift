import VignetteCheckpoints
import Foundation
import VignetteFiles
import VignetteModels
import VignetteTensors
import VignetteTestSupport

/// A small random checkpoint and what Transformers computes with it.
struct ReferenceModel {
  let folder: URL
  private let expected: [String: StoredTensor]

  /// - Parameter part: the folder of `Fixtures/` that it is in.
  init(_ name: String, in part: String = "models") throws {
    folder = Fixture.url("\(part)/\(name)")
    let file = try SafetensorsFile(at: folder.appendingPathComponent("expected.safetensors"))
    expected = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
  }

  var configuration: JSONField {
    get throws { try JSONField(contentsOf: folder.appendingPathComponent("config.json")) }
  }

  func load() throws -> VisionEncoderDecoder { try load(configuration) }

  /// The model, of any family, with this share in place of every dropout's zero.
  func load(dropout: Double) throws -> any CaptionModel {
    let text = try String(contentsOf: folder.appendingPathComponent("config.json"), encoding: .utf8)
    let changed = text.replacing(/(pdrop|dropout_prob|dropout)": 0\.0/) { "\($0.1)\": \(dropout)" }
    let json = JSONField(
      try JSONValue(parsing: Array(changed.utf8), file: "config.json"), file: "config.json")
    let type: String = try json["model_type"].value()
    guard let family = CaptionFamily.all.first(where: { $0.modelType == type }) else {
      throw CocoaError(.fileReadUnknown)
    }
    return try family.make(json, CheckpointWeights(storedTensors()))
  }

  private func load(_ configuration: JSONField) throws -> VisionEncoderDecoder {
    try VisionEncoderDecoder(
      VisionEncoderDecoderConfiguration(configuration), weights: CheckpointWeights(storedTensors()))
  }

  /// The encoder alone, and its parameters.
  ///
  /// - Parameter part: where it stands in configuration and checkpoint; nil for a folder of an encoder.
  func loadEncoder(_ part: String? = "encoder") throws -> (
    encoder: any VisionEncoder, parameters: [Parameter]
  ) {
    let builder = WeightBuilder(CheckpointWeights(try storedTensors()))
    let json = try part.map { try configuration[$0] } ?? configuration
    let scope = part.map { builder.root(.vision)[$0] } ?? builder.root(.vision)
    let encoder = try EncoderArchitecture(json).makeEncoder(scope, json)
    return (encoder, try builder.finish(ignoring: nil))
  }

  /// The checkpoint's tensors, in either format.
  func storedTensors() throws -> [StoredTensor] {
    let safetensors = folder.appendingPathComponent("model.safetensors")
    return
      FileManager.default.fileExists(atPath: safetensors.path)
      ? try SafetensorsFile(at: safetensors).tensors
      : try PyTorchFile(at: folder.appendingPathComponent("pytorch_model.bin")).tensors
  }

  func tensor(_ name: String) throws -> Tensor {
    guard let stored = expected[name] else { throw CocoaError(.fileReadNoSuchFile) }
    return Tensor(stored.floats(), shape: stored.shape)
  }

  /// An integer matrix, by rows.
  func rows(_ name: String) throws -> [[Int32]] {
    let matrix = try tensor(name)
    let values = matrix.floats.map { Int32($0) }
    return (0..<matrix.shape[0]).map { Array(values[$0 * matrix.shape[1]..<($0 + 1) * matrix.shape[1]]) }
  }

  /// The gradients of the loss, by the names of the parameters.
  var gradients: [String: StoredTensor] {
    Dictionary(
      uniqueKeysWithValues: expected.filter { $0.key.hasPrefix("grad.") }.map {
        (String($0.key.dropFirst(5)), $0.value)
      })
  }
}
