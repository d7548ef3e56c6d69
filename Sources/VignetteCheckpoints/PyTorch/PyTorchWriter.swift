import VignetteFiles
public import Foundation

/// Writes tensors as PyTorch's `torch.save` writes a dict of them, for `torch.load(path, weights_only=True)`.
public enum PyTorchWriter {
  /// Writes `tensors`, whose names differ, to `url`, all or nothing.
  public static func write(_ tensors: [WritableTensor], to url: URL) throws {
    let file = try AtomicFile(at: url)
    var archive = ZipWriter(file)
    // PyTorch's own reader wants everything in one folder, the pickle first.
    try archive.add("archive/data.pkl", Pickler.pickle(tensors))
    try archive.add("archive/byteorder", Array("little".utf8))
    for (index, tensor) in tensors.enumerated() {
      try archive.add("archive/data/\(index)", size: tensor.byteCount) { try tensor.produce($0) }
    }
    try archive.add("archive/version", Array("3\n".utf8))
    try archive.finish()
    try file.commit()
  }
}
