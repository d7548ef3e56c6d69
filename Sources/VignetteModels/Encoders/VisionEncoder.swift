import Foundation
public import VignetteFiles
package import VignetteTensors

/// A vision model: images in, a sequence of hidden states out.
package protocol VisionEncoder {
  /// C: the width of its hidden states.
  var width: Int { get }
  /// The number of colour channels that it takes.
  var channels: Int { get }
  /// The size of images that it was made for, in pixels.
  var imageSize: (height: Int, width: Int) { get }

  /// Pixel values [B, channels, height, width] → hidden states [B, S, C].
  ///
  /// - Parameter interpolatePositions: whether positions are interpolated where images are of another
  ///   size than ``imageSize``.
  /// - Throws: ``ImageSizeError`` where the size doesn't fit the model, `TensorMemoryError` where it is too much.
  func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor
}

/// Pixel values of a size that the encoder can't take.
public struct ImageSizeError: PlainError {
  let found: [Int]
  let expected: [Int]
  let advice: String

  init(
    _ pixelValues: Tensor, expected size: (height: Int, width: Int), _ channels: Int,
    advice: String = "ask for interpolated positions"
  ) {
    found = Array(pixelValues.shape.dropFirst())
    expected = [channels, size.height, size.width]
    self.advice = advice
  }

  public var description: String {
    "pixel values of \(Self.text(found)) (channels × height × width) do not fit the model's \(Self.text(expected)); "
      + "check `size` and `crop_size` in preprocessor_config.json, or \(advice)"
  }

  private static func text(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: " × ") }
}
