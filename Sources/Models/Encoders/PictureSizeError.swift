import Foundation

/// Pixel values of a size that the encoder can't take.
public struct PictureSizeError: Error, CustomStringConvertible, LocalizedError {
  let found: [Int]
  let expected: [Int]

  public var description: String {
    "pixel values of \(Self.text(found)) (channels × height × width) do not fit the model's \(Self.text(expected)); "
      + "check `size` and `crop_size` in preprocessor_config.json, or ask for interpolated positions"
  }

  public var errorDescription: String? { description }

  private static func text(_ sizes: [Int]) -> String { sizes.map(String.init).joined(separator: " × ") }
}
