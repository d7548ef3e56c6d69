import VignetteFiles

extension Unpickler {
  /// The members of a dict whose keys are strings, in their order; of two with the same key, the later counts.
  func members(of value: PickleValue) -> [(key: String, value: PickleValue)]? {
    guard case .dict(let index) = value else { return nil }
    let items = containers[index]
    var members: [(key: String, value: PickleValue)] = []
    var positions: [String: Int] = [:]
    for place in stride(from: 0, to: items.count - 1, by: 2) {
      guard case .string(let key) = items[place] else { continue }
      if let position = positions[key] {
        members[position].value = items[place + 1]
      } else {
        positions[key] = members.count
        members.append((key, items[place + 1]))
      }
    }
    return members
  }

  /// The tensors in the dict `root`, found in `file`.
  ///
  /// - Parameter locate: where the bytes of a storage lie in the file.
  func storedTensors(
    of root: PickleValue, in file: MappedFile, locate: (PickledStorage) throws -> Range<Int>
  ) throws -> [StoredTensor] {
    guard let members = members(of: root) else {
      throw MalformedFileError(path, "holds no dict of tensors by name, as a checkpoint's weights are")
    }
    let stored = try members.compactMap { name, value -> StoredTensor? in
      guard case .tensor(let index) = value else { return nil }
      let (tensor, storage) = (tensors[index], tensors[index].storage)
      let range = try locate(storage)
      guard storage.byteCount <= range.count else {
        throw MalformedFileError(
          path,
          "storage \(storage.key) needs \(storage.byteCount) bytes, but has \(range.count); was it cut off?")
      }
      return try StoredTensor(
        name: name, elementType: tensor.elementType, shape: tensor.shape, strides: tensor.strides,
        offset: tensor.offset, in: range.lowerBound..<range.lowerBound + storage.byteCount, of: file)
    }
    if stored.isEmpty, !members.isEmpty {
      let keys = members.prefix(8).map(\.key).joined(separator: ", ")
      throw MalformedFileError(path, "holds no tensors at its top level, only: \(keys)")
    }
    return stored
  }
}
