/// Pictures [B, C, H, W] cut into patches, each a row: [B, H/h · W/w, C·h·w], so that a convolution whose
/// stride is its kernel becomes a linear layer. Pixels at the right and bottom edge that fill no patch
/// are left out, as a convolution without padding does.
///
/// Gradients do not flow to the pixels.
public func patches(_ pictures: Tensor, height: Int, width: Int) -> Tensor {
  let (batch, channels) = (pictures.shape[0], pictures.shape[1])
  let (rows, columns) = (pictures.shape[2] / height, pictures.shape[3] / width)
  let (picture, line) = (pictures.shape[2] * pictures.shape[3], pictures.shape[3])
  let size = channels * height * width
  let source = pictures.detached.contiguous().cast(to: .float32)
  let result = Tensor(uninitialized: [batch, rows * columns, size])
  for b in 0..<batch {
    for row in 0..<rows {
      for channel in 0..<channels {
        for y in 0..<height {
          let from = source.float32 + (b * channels + channel) * picture + (row * height + y) * line
          let to = result.float32 + (b * rows + row) * columns * size + (channel * height + y) * width
          for column in 0..<columns { (to + column * size).update(from: from + column * width, count: width) }
        }
      }
    }
  }
  return Tape.of(pictures)?.watch(result) ?? result
}
