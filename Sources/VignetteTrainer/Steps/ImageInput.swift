public import VignetteTensors

/// What a batch is encoded from.
public enum ImageInput {
  /// Pixel values [I, channels, height, width].
  case pixelValues(Tensor)
  /// What a frozen encoder gave for them, [I, S, C].
  case hiddenStates(Tensor)
}
