public import Foundation
import VignetteFiles
import VignetteImages
import VignetteModels
import VignetteTensors

/// Where a new captioner's encoder comes from.
public enum EncoderSource: Sendable {
  /// The folder of a pretrained vision model, or of one with a vision half, such as CLIP.
  case pretrained(URL)
  /// A new one of random weights, for images of the preset's size or of this height and width.
  case new(EncoderPreset, imageSize: Int? = nil)

  /// What a captioner takes from it.
  struct Half {
    let model: PretrainedHalf
    let imageProcessor: ImageProcessor
  }

  func load() throws -> Half {
    switch self {
    case .pretrained(let folder):
      let configuration = try EncoderArchitecture.visionHalf(
        of: JSONField(contentsOf: folder.appendingPathComponent("config.json")))
      // Before the other files, whose absence would say less about a model that isn't supported.
      _ = try EncoderArchitecture(configuration)
      return Half(
        model: PretrainedHalf(configuration: configuration, weights: try CheckpointWeights(folder: folder)),
        imageProcessor: try ImageProcessor(contentsOf: folder))
    case .new(let preset, let imageSize):
      let configuration = JSONField(preset.configuration(imageSize: imageSize), file: preset.rawValue)
      var processor = ImageProcessor(kind: .vit)
      let side = try configuration["image_size"].value(as: Int.self)
      try Self.requireMemory(side, configuration)
      processor.size = .exactly(height: side, width: side)
      return Half(
        model: PretrainedHalf(configuration: configuration, weights: nil), imageProcessor: processor)
    }
  }

  /// Checks that images of a side could be encoded at all, before weights are drawn for them.
  private static func requireMemory(_ side: Int, _ configuration: JSONField) throws {
    let patch: Int = try configuration["patch_size"].value()
    // What is beyond, the encoder refuses.
    let across = min(max(0, side), 1 << 14) / patch
    try MemoryCheck.passAttention(
      heads: configuration["num_attention_heads"].value(), patches: across * across + 1, of: (side, side),
      lowering: ["image_size"])
  }
}
