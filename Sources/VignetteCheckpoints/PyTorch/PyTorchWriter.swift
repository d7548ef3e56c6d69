package import Foundation
import VignetteFiles

/// Writes tensors as PyTorch's `torch.save` writes a dict of them, for `torch.load(path, weights_only=True)`.
package enum PyTorchWriter {
  /// Writes `tensors`, whose names differ, to `url`, all or nothing.
  package static func write(_ tensors: [WritableTensor], to url: URL) throws {
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

/// Writes the pickle of a dict of tensors, in protocol 2 as `torch.save` does.
struct Pickler {
  private(set) var bytes: [UInt8] = [PickleOpcode.proto.rawValue, 2]

  /// A dict from each tensor's name to the tensor, whose storage has the tensor's index as its key.
  static func pickle(_ tensors: [WritableTensor]) -> [UInt8] {
    var pickler = Pickler()
    pickler.append(.emptyDict, .mark)
    for (index, tensor) in tensors.enumerated() {
      pickler.append(tensor.name)
      pickler.append(tensor, key: String(index))
    }
    pickler.append(.setItems, .stop)
    return pickler.bytes
  }

  // `_rebuild_tensor_v2(storage, offset, size, strides, requires_grad, hooks)`; version 3 takes the element type
  // last, for those that have no storage class.
  private mutating func append(_ tensor: WritableTensor, key: String) {
    let storageName = tensor.elementType.torchStorageName
    append(global: "torch._utils", storageName == nil ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2")
    append(.mark)

    append(.mark)
    append("storage")
    if let storageName {
      append(global: "torch", storageName)
    } else {
      append(global: "torch.storage", "UntypedStorage")
    }
    append(key)
    append("cpu")
    append(storageName == nil ? tensor.byteCount : tensor.byteCount / tensor.elementType.byteSize)
    append(.tuple, .binPersId)

    append(0)
    append(tensor.shape)
    append(TensorLayout.contiguousStrides(tensor.shape))
    append(.newFalse)
    append(global: "collections", "OrderedDict")
    append(.emptyTuple, .reduce)
    if storageName == nil { append(global: "torch", tensor.elementType.rawValue) }
    append(.tuple, .reduce)
  }

  private mutating func append(_ opcodes: PickleOpcode...) {
    bytes.append(contentsOf: opcodes.map(\.rawValue))
  }

  private mutating func append(global module: String, _ name: String) {
    append(.global)
    bytes.append(contentsOf: "\(module)\n\(name)\n".utf8)
  }

  private mutating func append(_ string: String) {
    append(.binUnicode)
    appendLittleEndian(UInt32(string.utf8.count))
    bytes.append(contentsOf: string.utf8)
  }

  private mutating func append(_ value: Int) {
    if let value = Int32(exactly: value) {
      append(.binInt)
      appendLittleEndian(value)
    } else {
      append(.long1)
      bytes.append(8)
      appendLittleEndian(Int64(value))
    }
  }

  private mutating func append(_ values: [Int]) {
    append(.mark)
    for value in values { append(value) }
    append(.tuple)
  }

  private mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
