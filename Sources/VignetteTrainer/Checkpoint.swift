import Foundation
import VignetteCheckpoints
import VignetteDatasets
import VignetteFiles
import VignetteModels
import VignetteTensors

/// A `checkpoint-<step>` folder: the model as `Captioner` and Transformers load it, the optimiser's moments, the run's
/// state and position, and the images left out so far.
struct Checkpoint {
  let url: URL

  private static let optimizerFile = "optimizer.safetensors"

  init(_ url: URL) { self.url = url }

  /// Why this checkpoint can't be resumed by any run; nil where all of its files are whole. Headers are read and sizes
  /// compared, values are not.
  var damage: String? {
    do {
      _ = try position()
      _ = try state()
      _ = try skippedImages()
      _ = try SafetensorsFile(at: file(Self.optimizerFile))
      _ = try CheckpointFolder(at: url)
      return nil
    } catch {
      return "\(error)"
    }
  }

  func position() throws -> RunPosition { try RunPosition(folder: url) }

  func state() throws -> TrainerState { try TrainerState(contentsOf: file(TrainerState.fileName)) }

  func skippedImages() throws -> [SkippedImage] { try SkippedImages.read(file(SkippedImages.fileName)) }

  /// Writes what belongs to the run beside the model.
  func write(
    _ optimizer: AdamW, _ state: TrainerState, _ position: RunPosition, skipped: SkippedImages
  ) throws {
    try save(optimizer)
    try position.save(to: url)
    try state.write(to: file(TrainerState.fileName))
    try skipped.write(to: file(SkippedImages.fileName))
  }

  /// Loads the weights that learn; the others must be there, too.
  func loadWeights(into model: any CaptionModel) throws {
    let checkpoint = try CheckpointFolder(at: url)
    for parameter in model.parameters {
      let stored = try checkpoint.tensor(named: parameter.name)
      guard stored.shape == parameter.shape else {
        throw TrainingError.checkpoint(
          path: url.path, problem: "\(parameter.name) has shape \(stored.shape), not \(parameter.shape)")
      }
      guard parameter.isTrainable else { continue }
      parameter.update { stored.copy(into: $0) }
      guard parameter.isFinite else {
        throw TrainingError.checkpoint(path: url.path, problem: "\(parameter.name) isn't made of numbers")
      }
    }
  }

  /// Where a model's configuration isn't the checkpoint's, as with another dropout.
  func configurationChanges(in model: any CaptionModel) throws -> [String] {
    let saved = try JSONField(contentsOf: file("config.json"))
    let own = try model.configuration.json.value(as: JSONObject.self)
    return try own.keys.filter { part in
      guard case .object = own[part] else { return false }
      return try saved[part].optional(as: JSONValue.self) != own[part]
    }.map { "another configuration of the \($0)" }
  }

  private func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// AdamW's moments: `<name>.exp_avg` and `<name>.exp_avg_sq` of each parameter that learns.
  private func save(_ optimizer: AdamW) throws {
    let tensors = optimizer.state.flatMap { slot in
      [("exp_avg", slot.firstMoment), ("exp_avg_sq", slot.secondMoment)].map { suffix, moment in
        WritableTensor(
          name: "\(slot.parameter.name).\(suffix)", elementType: .float32, shape: slot.parameter.shape
        ) { write in try moment.withFloats { try write(UnsafeRawBufferPointer($0)) } }
      }
    }
    try SafetensorsWriter.write(
      tensors, metadata: ["step": "\(optimizer.stepCount)"], to: file(Self.optimizerFile))
  }

  func load(into optimizer: AdamW) throws {
    let file = try SafetensorsFile(at: file(Self.optimizerFile))
    func broken(_ problem: String) -> TrainingError {
      .checkpoint(path: self.file(Self.optimizerFile).path, problem: problem)
    }
    let stored = Dictionary(file.tensors.map { ($0.name, $0) }) { first, _ in first }
    guard let step = file.metadata["step"].flatMap({ Int($0) }), (0..<1 << 48).contains(step) else {
      throw broken("does not say after which step it was saved")
    }
    try optimizer.restore(stepCount: step) { name, first, second in
      for (suffix, buffer) in [("exp_avg", first), ("exp_avg_sq", second)] {
        guard let tensor = stored["\(name).\(suffix)"], tensor.elementCount == buffer.count else {
          throw broken("has no \(name).\(suffix) of \(buffer.count) numbers; was another part trained then?")
        }
        tensor.copy(into: buffer)
      }
    }
  }
}
