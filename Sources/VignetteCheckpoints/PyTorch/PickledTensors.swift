import VignetteFiles

extension Unpickler {
  /// The result of one of the allowed calls.
  mutating func call(_ callee: PickleValue, _ arguments: PickleValue) throws -> PickleValue {
    guard case .global(let global) = callee, case .tuple(let index) = arguments else {
      throw malformed("a call of something that can't be called")
    }
    let arguments = containers[index]
    switch global {
    case .orderedDict: return .dict(try orderedDict(arguments))
    case .set: return .set(try copy(of: arguments.first))
    case .encode: return .opaque
    case .size:
      guard let size = arguments.first else { throw malformed("torch.Size has no argument") }
      return size
    case .rebuildTensor: return try add(try tensor(arguments, count: 4...4))
    case .rebuildTensorV2: return try add(try tensor(arguments, count: 6...7))
    case .rebuildTensorV3: return try add(try typedTensor(arguments))
    case .rebuildParameter, .rebuildParameterWithState:
      guard case .tensor? = arguments.first else { throw malformed("a parameter is no tensor") }
      return arguments[0]
    case .storage, .untypedStorage, .elementType: throw malformed("a type is called")
    }
  }

  /// The storage that a persistent identifier names: `("storage", type, key, device, element count)`, in the old
  /// format with a sixth part for views, which PyTorch has long ceased to write.
  mutating func storage(_ identifier: PickleValue) throws -> PickleValue {
    guard case .tuple(let index) = identifier else { throw malformed("a storage's identifier is no tuple") }
    let parts = containers[index]
    guard parts.count == 5 || parts.count == 6, case .string("storage") = parts[0],
      case .global(let type) = parts[1], case .string(let key) = parts[2], case .int(let count) = parts[4],
      count >= 0
    else { throw malformed("a storage's identifier is not one that PyTorch writes") }
    if parts.count == 6 {
      guard case .none = parts[5] else {
        throw malformed("a storage is a view of another, which is not supported")
      }
    }
    let elementType: ElementType?
    switch type {
    case .storage(let type): elementType = type
    case .untypedStorage: elementType = nil
    default: throw malformed("a storage's type is none")
    }
    let (byteCount, overflows) = count.multipliedReportingOverflow(by: elementType?.byteSize ?? 1)
    guard !overflows else { throw malformed("a storage of \(count) elements is impossible") }
    return try add(PickledStorage(key: key, elementType: elementType, byteCount: byteCount))
  }

  // `OrderedDict()` or `OrderedDict([(key, value), …])`.
  private mutating func orderedDict(_ arguments: [PickleValue]) throws -> Int {
    guard let pairs = arguments.first else { return add([]) }
    guard case .list(let index) = pairs else { throw malformed("an OrderedDict is not made of a list") }
    try charge(containers[index].count)
    let members = try containers[index].flatMap { pair in
      switch pair {
      case .tuple(let index) where containers[index].count == 2: return containers[index]
      case .list(let index) where containers[index].count == 2: return containers[index]
      default: throw malformed("an OrderedDict is not made of pairs")
      }
    }
    return add(members)
  }

  private mutating func copy(of container: PickleValue?) throws -> Int {
    switch container {
    case nil: return add([])
    case .list(let index), .tuple(let index), .set(let index):
      try charge(containers[index].count)
      return add(containers[index])
    default: throw malformed("a set is made of something that holds no elements")
    }
  }

  // `(storage, offset, size, strides)`, then whether it requires a gradient, hooks, and flags.
  private func tensor(_ arguments: [PickleValue], count: ClosedRange<Int>) throws -> PickledTensor {
    guard count.contains(arguments.count), case .storage(let storage) = arguments[0] else {
      throw malformed("a tensor is not made of a storage")
    }
    guard let elementType = storages[storage].elementType else {
      throw malformed("a tensor has no element type")
    }
    if arguments.count == 7 { try checkFlags(arguments[6]) }
    return try tensor(arguments, elementType: elementType, storage: storages[storage])
  }

  // The same, with the element type as the seventh argument and the flags as the eighth.
  private func typedTensor(_ arguments: [PickleValue]) throws -> PickledTensor {
    guard (7...8).contains(arguments.count), case .storage(let storage) = arguments[0],
      case .global(.elementType(let type)) = arguments[6]
    else { throw malformed("a tensor is not made of a storage and a type") }
    if arguments.count == 8 { try checkFlags(arguments[7]) }
    return try tensor(arguments, elementType: type, storage: storages[storage])
  }

  private func tensor(
    _ arguments: [PickleValue], elementType: ElementType, storage: PickledStorage
  ) throws -> PickledTensor {
    guard case .int(let offset) = arguments[1] else { throw malformed("a tensor's offset is no integer") }
    return PickledTensor(
      storage: storage, elementType: elementType, offset: offset, shape: try integers(arguments[2]),
      strides: try integers(arguments[3]))
  }

  // Flags say that the stored values are to be negated or conjugated before use.
  private func checkFlags(_ value: PickleValue) throws {
    switch value {
    case .none: return
    case .dict(let index) where containers[index].isEmpty: return
    default: throw malformed("a tensor is stored negated or conjugated, which is not supported")
    }
  }

  private func integers(_ value: PickleValue) throws -> [Int] {
    guard case .tuple(let index) = value, containers[index].count <= Self.maximumRank else {
      throw malformed("a tensor's shape is no tuple of at most \(Self.maximumRank) integers")
    }
    return try containers[index].map {
      guard case .int(let value) = $0 else {
        throw malformed("a tensor's shape holds something other than integers")
      }
      return value
    }
  }

  /// PyTorch's own limit.
  private static let maximumRank = 64
}

extension Unpickler {
  /// The members of a dict whose keys are strings, in their order; of two with the same key, the later counts.
  func members(of value: PickleValue) -> [(key: String, value: PickleValue)]? {
    guard case .dict(let index) = value else { return nil }
    let items = containers[index]
    var members: [(key: String, value: PickleValue)] = []
    var positions: [String: Int] = [:]
    for index in stride(from: 0, to: items.count - 1, by: 2) {
      guard case .string(let key) = items[index] else { continue }
      if let position = positions[key] {
        members[position].value = items[index + 1]
      } else {
        positions[key] = members.count
        members.append((key, items[index + 1]))
      }
    }
    return members
  }

  /// What the state of a run calls the weights in it.
  private static let wrappings = ["model", "state_dict"]

  /// The members of the dict that holds the weights: `root`, or one in it.
  private func weights(in root: PickleValue) -> [(key: String, value: PickleValue)]? {
    guard let all = members(of: root) else { return nil }
    func hasTensors(_ members: [(key: String, value: PickleValue)]) -> Bool {
      members.contains { if case .tensor = $0.value { true } else { false } }
    }
    guard !hasTensors(all) else { return all }
    let wrapped = Self.wrappings.lazy.compactMap { name in
      all.first { $0.key == name }.flatMap { members(of: $0.value) }
    }
    return wrapped.first(where: hasTensors) ?? all
  }

  /// The tensors in the dict `root`, found in `file`.
  ///
  /// - Parameters:
  ///   - isRun: whether the tensors may stand in a dict that `root` holds as `model` or `state_dict`.
  ///   - locate: where the bytes of a storage lie in the file.
  func storedTensors(
    of root: PickleValue, isRun: Bool, in file: MappedFile, locate: (PickledStorage) throws -> Range<Int>
  ) throws -> [StoredTensor] {
    guard let members = isRun ? weights(in: root) : members(of: root) else {
      throw FileError(path, "holds no dict of tensors by name, as a checkpoint's weights are")
    }
    let stored = try members.compactMap { name, value -> StoredTensor? in
      guard case .tensor(let index) = value else { return nil }
      let (tensor, storage) = (tensors[index], tensors[index].storage)
      let range = try locate(storage)
      guard storage.byteCount <= range.count else {
        throw FileError(
          path,
          "storage \(storage.key) needs \(storage.byteCount) bytes, but has \(range.count); was it cut off?")
      }
      return try StoredTensor(
        name: name, elementType: tensor.elementType, shape: tensor.shape, strides: tensor.strides,
        offset: tensor.offset, in: range.lowerBound..<range.lowerBound + storage.byteCount, of: file)
    }
    if stored.isEmpty, !members.isEmpty {
      let keys = members.prefix(8).map(\.key).joined(separator: ", ")
      throw FileError(path, "holds no tensors at its top level, only: \(keys)")
    }
    return stored
  }
}
