public import Foundation
import VignetteTensors

/// Pixel values of a size that the encoder can't take.
public struct ImageSizeError: Error, CustomStringConvertible, LocalizedError {
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

  public var errorDescription: String? { description }

  private static func text(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: " × ") }
}
