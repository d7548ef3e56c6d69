public import VignetteTensors

/// A weight's value and, where it stands in a mapped file, a way to give its memory back.
public struct LoadedWeight {
  let value: Tensor
  let release: (() -> Void)?

  public init(_ value: Tensor, release: (() -> Void)? = nil) {
    self.value = value
    self.release = release
  }
}
