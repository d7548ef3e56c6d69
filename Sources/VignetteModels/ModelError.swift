import Foundation
public import VignetteFiles
import VignetteTensors

/// Weights or images that don't fit the model that config.json describes.
public enum ModelError: PlainError {
  /// The checkpoint lacks weights of these names.
  case missing([String])
  /// The checkpoint holds weights of these names, which the model doesn't have.
  case unexpected([String])
  /// A weight has another shape than config.json calls for.
  case shape(name: String, file: String, expected: [Int], found: [Int])
  /// Pixel values of a size that the encoder can't take; each is channels, height, width.
  case imageSize(found: [Int], expected: [Int], advice: String)
  /// More than one thing is wrong.
  case several([any Error])

  public var description: String {
    switch self {
    case .missing(let names):
      "the checkpoint lacks \(Self.list(names)), which config.json calls for; "
        + "check that weights and config.json belong together and that all shards are there"
    case .unexpected(let names):
      "the checkpoint holds \(Self.list(names)), which the model of config.json doesn't have; "
        + "check that weights and config.json belong together"
    case .shape(let name, let file, let expected, let found):
      "\(file): \(name) has shape \(found), but config.json calls for \(expected)"
    case .imageSize(let found, let expected, let advice):
      "pixel values of \(Self.product(found)) (channels × height × width) do not fit the model's "
        + "\(Self.product(expected)); check `size` and `crop_size` in preprocessor_config.json, or \(advice)"
    case .several(let faults):
      Self.shown(faults.map { "\($0)" }, by: "; ")
    }
  }

  /// What is wrong with pixel values [B, channels, height, width].
  static func imageSize(
    of pixelValues: Tensor, expected size: (height: Int, width: Int), _ channels: Int,
    advice: String = "ask for interpolated positions"
  ) -> ModelError {
    .imageSize(
      found: Array(pixelValues.shape.dropFirst()), expected: [channels, size.height, size.width],
      advice: advice)
  }

  private static func product(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: " × ") }

  private static func list(_ names: [String]) -> String {
    "\(names.count) tensor\(names.count == 1 ? "" : "s") (\(shown(names.map { "\(Excerpt($0))" }, by: ", ")))"
  }

  private static func shown(_ texts: [String], by separator: String) -> String {
    texts.prefix(8).joined(separator: separator) + (texts.count > 8 ? "\(separator)…" : "")
  }
}
