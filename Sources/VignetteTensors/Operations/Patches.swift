/// Images [B, C, H, W] cut into patches, each a row: [B, H/h · W/w, C·h·w], so that a convolution whose
/// stride is its kernel becomes a linear layer.
///
/// Gradients do not flow to the pixels.
///
/// - Parameter padded: whether pixels at the right and bottom edge that fill no patch make one with zeros
///   beside them; else they are left out, as a convolution without padding does.
public func patches(_ images: Tensor, height: Int, width: Int, padded: Bool = false) -> Tensor {
  let (batch, channels) = (images.shape[0], images.shape[1])
  let (tall, wide) = (images.shape[2], images.shape[3])
  let rows = padded ? (tall + height - 1) / height : tall / height
  let columns = padded ? (wide + width - 1) / width : wide / width
  let size = channels * height * width
  let source = images.detached.contiguous().cast(to: .float32)
  let shape = [batch, rows * columns, size]
  let isWhole = rows * height <= tall && columns * width <= wide
  let result = isWhole ? Tensor(uninitialized: shape) : Tensor(zeros: shape)
  parallel(batch * rows, grain: max(1, elementGrain / max(1, columns * size))) { range in
    for item in range {
      let (b, row) = (item / rows, item % rows)
      for channel in 0..<channels {
        for y in 0..<min(height, tall - row * height) {
          let from = source.float32 + ((b * channels + channel) * tall + row * height + y) * wide
          let to = result.float32 + item * columns * size + (channel * height + y) * width
          for column in 0..<columns {
            (to + column * size).update(from: from + column * width, count: min(width, wide - column * width))
          }
        }
      }
    }
  }
  return Tape.of(images)?.watch(result) ?? result
}
