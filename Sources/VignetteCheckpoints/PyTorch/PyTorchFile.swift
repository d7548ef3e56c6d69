public import VignetteFiles
public import Foundation

/// A file of tensors that PyTorch's `torch.save` wrote, mapped: a dict of tensors by name, as
/// `pytorch_model.bin` is.
///
/// Both the zip format (PyTorch 1.6 and later) and the older one are read. The pickle inside is read as data: see
/// `Unpickler`. Tensors may share their bytes, and may lie strided in them.
public struct PyTorchFile: Sendable {
  public let file: MappedFile
  /// The tensors in the order of the dict.
  public let tensors: [StoredTensor]

  /// Opens the file at `url`.
  ///
  /// Throws `PickleGlobalError` if its pickle asks for anything but data, `MalformedFileError` or `SystemError`.
  public init(at url: URL) throws {
    file = try MappedFile(at: url)
    try GitLFSPointer.refuse(file)
    if ZipPyTorchReader.recognizes(file) {
      tensors = try ZipPyTorchReader(file).tensors()
    } else if LegacyPyTorchReader.recognizes(file) {
      tensors = try LegacyPyTorchReader(file).tensors()
    } else {
      throw MalformedFileError(file.path, "is no file that torch.save wrote, or was cut off")
    }
  }
}
