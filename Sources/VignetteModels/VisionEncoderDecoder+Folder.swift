public import Foundation
public import VignetteCheckpoints
import VignetteFiles
import VignetteTensors

extension VisionEncoderDecoder {
  /// Loads the model of a Hugging Face checkpoint folder: config.json and the weights beside it.
  ///
  /// - Throws: `CheckpointFolderError`, `JSONFieldError`, ``WeightsError`` or a reader's error: each names the file
  ///   and what is wrong.
  public convenience init(at folder: URL) throws {
    let json = try JSONField(contentsOf: folder.appendingPathComponent("config.json"))
    let configuration = try VisionEncoderDecoderConfiguration(json)
    let checkpoint = try CheckpointFolder(at: folder)
    try self.init(
      configuration, checkpoint: CheckpointWeights(checkpoint.names.compactMap { checkpoint[$0] }))
  }

  /// Writes config.json and the weights, float32, as Transformers' `save_pretrained` does.
  ///
  /// Each file appears whole or not at all.
  ///
  /// - Parameter progress: is told how many bytes of the weights are written.
  /// - Throws: what the file system says, with the path.
  public func save(
    to folder: URL, format: WeightsFormat = .safetensors,
    maximumShardSize: Int = WeightsWriter.maximumShardSize,
    progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws {
    try FolderMaker.make(folder)
    let total = parameters.reduce(0) { $0 + $1.count * MemoryLayout<Float>.size }
    var written = 0
    let tensors = parameters.map { parameter in
      WritableTensor(name: parameter.name, elementType: .float32, shape: parameter.shape) { write in
        try parameter.value.withFloats { try write(UnsafeRawBufferPointer($0)) }
        written += parameter.count * MemoryLayout<Float>.size
        progress(written, total)
      }
    }
    try WeightsWriter.write(tensors, format: format, maximumShardSize: maximumShardSize, to: folder)
    try configuration.json.value(as: JSONValue.self).write(
      to: folder.appendingPathComponent("config.json"))
  }
}
