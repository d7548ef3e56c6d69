import Foundation
import VignetteCheckpoints
import VignetteFiles
import VignetteTensors

/// AdamW's moments on disk: `optimizer.safetensors`, with `<name>.exp_avg` and `<name>.exp_avg_sq` for each
/// parameter that is trained.
enum OptimizerState {
  static let fileName = "optimizer.safetensors"

  static func save(_ optimizer: AdamW, to folder: URL) throws {
    let tensors = optimizer.state.flatMap { slot in
      [("exp_avg", slot.firstMoment), ("exp_avg_sq", slot.secondMoment)].map { suffix, moment in
        WritableTensor(
          name: "\(slot.parameter.name).\(suffix)", elementType: .float32, shape: slot.parameter.shape
        ) { write in try moment.withFloats { try write(UnsafeRawBufferPointer($0)) } }
      }
    }
    try SafetensorsWriter.write(
      tensors, metadata: ["step": "\(optimizer.stepCount)"], to: folder.appendingPathComponent(fileName))
  }

  static func load(into optimizer: AdamW, from folder: URL) throws {
    let url = folder.appendingPathComponent(fileName)
    let file = try SafetensorsFile(at: url)
    let stored = Dictionary(uniqueKeysWithValues: file.tensors.map { ($0.name, $0) })
    guard let step = file.metadata["step"].flatMap({ Int($0) }), step >= 0 else {
      throw TrainingError.checkpoint(path: url.path, problem: "does not say after which step it was saved")
    }
    try optimizer.restore(stepCount: step) { name, first, second in
      for (suffix, buffer) in [("exp_avg", first), ("exp_avg_sq", second)] {
        guard let tensor = stored["\(name).\(suffix)"], tensor.elementCount == buffer.count else {
          throw TrainingError.checkpoint(
            path: url.path,
            problem: "has no \(name).\(suffix) of \(buffer.count) numbers; was another part trained then?")
        }
        tensor.copy(into: buffer)
      }
    }
  }
}
