import ArgumentParser
import Foundation
import VignetteCheckpoints
import VignetteFiles
import VignetteModels
import VignetteTensors

/// Computes a checkpoint's logits, for comparison with Transformers' (see `check_pairs.py`).
@main
struct Logits: ParsableCommand {
  @Argument(help: "A checkpoint folder.")
  var model: String
  @Argument(help: "A safetensors file with `pixel_values` [I, 3, H, W] and `decoder_input_ids` [I, T].")
  var inputs: String
  @Argument(help: "The safetensors file to write, with `logits` [I, T, V].")
  var output: String

  func run() throws {
    let model = try CaptionFamily.loadModel(at: URL(fileURLWithPath: model))
    let file = try SafetensorsFile(at: URL(fileURLWithPath: inputs))
    func tensor(_ name: String) throws -> Tensor {
      guard let stored = file.tensors.first(where: { $0.name == name }) else {
        throw ValidationError("\(inputs) has no \(name)")
      }
      return Tensor(stored.floats(), shape: stored.shape)
    }
    let ids = try tensor("decoder_input_ids")
    let length = ids.shape[1]
    let values = ids.floats.map { Int32($0) }
    let tokens = (0..<ids.shape[0]).map { Array(values[$0 * length..<($0 + 1) * length]) }
    let logits = model.logits(tokens: tokens, features: try model.encode(tensor("pixel_values")))
    let written = WritableTensor(name: "logits", elementType: .float32, shape: logits.shape) { write in
      try logits.withFloats { try write(UnsafeRawBufferPointer($0)) }
    }
    try SafetensorsWriter.write([written], to: URL(fileURLWithPath: output))
  }
}
