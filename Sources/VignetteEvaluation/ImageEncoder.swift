package import VignetteModels
package import VignetteTensors

/// The images of a batch, whose pixel values are made when an encoder asks for them.
package struct BatchImages {
  /// The images' files, one for each row.
  package let paths: [String]
  private let make: ([Int]) throws -> Tensor

  /// - Parameter pixelValues: gives the pixel values [n, channels, height, width] of those rows.
  package init(paths: [String], pixelValues: @escaping ([Int]) throws -> Tensor) {
    self.paths = paths
    make = pixelValues
  }

  /// Images that are there already, [I, channels, height, width].
  package init(pixelValues: Tensor) {
    self.init(paths: (0..<pixelValues.shape[0]).map { "\($0)" }) { _ in pixelValues }
  }

  /// Pixel values [n, channels, height, width] of some rows, or of all.
  package func pixelValues(_ rows: [Int]? = nil) throws -> Tensor { try make(rows ?? Array(paths.indices)) }
}

/// Turns the images of a batch into what the text part takes: the model itself, or a cache in front of it.
package protocol ImageEncoder: AnyObject {
  /// Those of these files that are encoded without being read.
  func known(among paths: [String]) -> Set<String>

  /// What the model's text part takes of the images.
  ///
  /// - Throws: `ModelError`, `TensorMemoryError`; what reading an image throws.
  func encode(_ images: BatchImages, on tape: Tape?) throws -> ImageFeatures
}

/// A model's own encoder.
package final class ModelEncoder: ImageEncoder {
  private let model: any CaptionModel

  package init(_ model: any CaptionModel) { self.model = model }

  package func known(among paths: [String]) -> Set<String> { [] }

  package func encode(_ images: BatchImages, on tape: Tape?) throws -> ImageFeatures {
    let pixels = try images.pixelValues()
    return try model.encode(tape?.watch(pixels) ?? pixels)
  }
}
