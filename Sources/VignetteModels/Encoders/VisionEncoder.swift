package import VignetteTensors

/// A vision model: images in, a sequence of hidden states out.
package protocol VisionEncoder {
  /// C: the width of its hidden states.
  var width: Int { get }
  /// The number of colour channels that it takes.
  var channels: Int { get }
  /// The size of images that it was made for, in pixels.
  var imageSize: (height: Int, width: Int) { get }
  /// Whether training varies what it gives at random: by dropping some of it out, or by moving what it sees.
  var drawsInTraining: Bool { get }
  /// Other names that a checkpoint may use.
  static var renamings: [WeightScope.Renaming] { get }
  /// Endings of tensors that a checkpoint may hold and a caption doesn't need.
  static var ignoredKeys: [String] { get }

  /// Pixel values [B, channels, height, width] → hidden states [B, S, C].
  ///
  /// - Parameter interpolatePositions: whether positions are interpolated where images are of another
  ///   size than ``imageSize``.
  /// - Throws: ``ModelError`` where the size doesn't fit the model, `TensorMemoryError` where it is too much.
  func encode(_ pixelValues: Tensor, interpolatePositions: Bool) throws -> Tensor

  /// Which parts of an image of this size the S hidden states stand for.
  func layout(height: Int, width: Int) -> PatchLayout
}

extension VisionEncoder {
  package static var renamings: [WeightScope.Renaming] { [] }
  package static var ignoredKeys: [String] { [] }
}
