import VignetteFiles

/// Reads a pickle as data. It knows dicts, lists, tuples, sets, strings, numbers and tensors; a pickle that asks
/// for anything else is refused with the name of what it asked for, and no code of it ever runs.
///
/// A pickle is a program for a stack machine without jumps, so reading ends with its bytes. What it may build is
/// limited by `maximumOperations`, however it shares and copies.
struct Unpickler {
  /// Enough for tens of thousands of tensors; with it, what a hostile pickle builds stays below about half a gigabyte.
  static let maximumOperations = 1 << 22

  let path: String
  var cursor: ByteCursor
  /// The elements of all containers.
  private(set) var containers: [[PickleValue]] = []
  private(set) var storages: [PickledStorage] = []
  private(set) var tensors: [PickledTensor] = []

  private var stack = PickleStack()
  private var memo: [Int: PickleValue] = [:]
  private var operations = 0

  /// - Parameters:
  ///   - bytes: the pickle, and maybe more after it.
  ///   - path: what errors call the file.
  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0, path: String) throws {
    self.path = path
    do {
      cursor = try ByteCursor(bytes, at: position)
    } catch {
      throw FileError(path, "the pickle is cut off")
    }
  }

  /// Reads one pickle, and leaves `cursor` behind it.
  mutating func read() throws -> PickleValue {
    stack = PickleStack()
    memo.removeAll()
    do {
      while true {
        let code = try cursor.integer(UInt8.self)
        guard let opcode = PickleOpcode(rawValue: code) else {
          throw malformed("operation 0x\(String(code, radix: 16)) builds no data")
        }
        if opcode == .stop { return try stack.pop() }
        try charge(1)
        try perform(opcode)
      }
    } catch is ByteCursor.EndOfBytes {
      throw FileError(path, "the pickle is cut off")
    } catch is PickleStack.Underflow {
      throw malformed("takes a value from an empty stack")
    }
  }

  private mutating func perform(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .proto, .frame, .stop: try performFraming(opcode)
    case .mark, .pop, .popMark, .dup: try performStacking(opcode)
    case .none, .newTrue, .newFalse, .binInt, .binInt1, .binInt2, .long1, .long4, .binFloat, .binUnicode,
      .shortBinUnicode, .binUnicode8, .binString, .shortBinString, .binBytes, .shortBinBytes, .binBytes8,
      .byteArray8:
      stack.push(try scalar(opcode))
    case .emptyTuple, .tuple, .tuple1, .tuple2, .tuple3, .emptyList, .list, .emptyDict, .dict, .emptySet,
      .frozenSet:
      stack.push(try container(opcode))
    case .append, .appends, .setItem, .setItems, .addItems: try fillContainer(opcode)
    case .binGet, .longBinGet, .binPut, .longBinPut, .memoize: try performMemo(opcode)
    case .global, .stackGlobal, .instance: stack.push(.global(try global(opcode)))
    case .reduce:
      let arguments = try stack.pop()
      stack.push(try call(try stack.pop(), arguments))
    case .build: try build()
    case .binPersId: stack.push(try storage(try stack.pop()))
    }
  }

  private mutating func performFraming(_ opcode: PickleOpcode) throws {
    if opcode == .frame { return try cursor.skip(8) }
    let version = try cursor.integer(UInt8.self)
    guard (2...5).contains(version) else {
      throw malformed("protocol \(version) is not supported, only 2 to 5")
    }
  }

  private mutating func performStacking(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .mark: stack.mark()
    case .popMark: _ = try stack.popToMark()
    case .dup: stack.push(try stack.top())
    default: _ = try stack.pop()
    }
  }

  private mutating func container(_ opcode: PickleOpcode) throws -> PickleValue {
    switch opcode {
    case .emptyTuple: return .tuple(add([]))
    case .tuple1: return .tuple(add(try stack.pop(1)))
    case .tuple2: return .tuple(add(try stack.pop(2)))
    case .tuple3: return .tuple(add(try stack.pop(3)))
    case .tuple: return .tuple(add(try stack.popToMark()))
    case .emptyList: return .list(add([]))
    case .list: return .list(add(try stack.popToMark()))
    case .emptyDict: return .dict(add([]))
    case .dict: return .dict(add(try pairs(try stack.popToMark())))
    case .emptySet: return .set(add([]))
    default: return .set(add(try stack.popToMark()))
    }
  }

  private mutating func fillContainer(_ opcode: PickleOpcode) throws {
    let items =
      switch opcode {
      case .append: try stack.pop(1)
      case .setItem: try stack.pop(2)
      default: try stack.popToMark()
      }
    switch (try stack.top(), opcode) {
    case (.list(let index), .append), (.list(let index), .appends), (.set(let index), .addItems):
      containers[index].append(contentsOf: items)
    case (.dict(let index), .setItem), (.dict(let index), .setItems):
      containers[index].append(contentsOf: try pairs(items))
    default: throw malformed("an element is added to something that holds none")
    }
  }

  private func pairs(_ items: [PickleValue]) throws -> [PickleValue] {
    guard items.count.isMultiple(of: 2) else { throw malformed("a key has no value") }
    return items
  }

  private mutating func performMemo(_ opcode: PickleOpcode) throws {
    switch opcode {
    case .binGet: stack.push(try remembered(try cursor.count(UInt8.self)))
    case .longBinGet: stack.push(try remembered(try cursor.count(UInt32.self)))
    case .binPut: memo[try cursor.count(UInt8.self)] = try stack.top()
    case .longBinPut: memo[try cursor.count(UInt32.self)] = try stack.top()
    default: memo[memo.count] = try stack.top()
    }
  }

  private func remembered(_ key: Int) throws -> PickleValue {
    guard let value = memo[key] else { throw malformed("a value is used that was never made") }
    return value
  }

  private mutating func global(_ opcode: PickleOpcode) throws -> PickleGlobal {
    let module: String
    let name: String
    if opcode == .stackGlobal {
      let names = try stack.pop(2)
      guard case (.string(let first), .string(let second)) = (names[0], names[1]) else {
        throw malformed("a name is no string")
      }
      (module, name) = (first, second)
    } else {
      module = String(decoding: try cursor.line(), as: UTF8.self)
      name = String(decoding: try cursor.line(), as: UTF8.self)
    }
    guard opcode != .instance, let global = PickleGlobal(module: module, name: name) else {
      throw CheckpointError.unsafePickle(path: path, global: "\(module).\(name)")
    }
    return global
  }

  // An OrderedDict has its attributes set in this way; PyTorch keeps the versions of modules in one.
  private mutating func build() throws {
    _ = try stack.pop()
    guard case .dict = try stack.top() else {
      throw malformed("attributes are set on something that has none")
    }
  }

  // MARK: - What the machine's parts share

  func malformed(_ problem: String) -> FileError {
    FileError(path, "pickle, byte \(cursor.position): \(problem)")
  }

  mutating func charge(_ count: Int) throws {
    operations += count
    guard operations <= Self.maximumOperations else {
      throw malformed("builds more than \(Self.maximumOperations) values")
    }
  }

  mutating func add(_ elements: [PickleValue]) -> Int {
    containers.append(elements)
    return containers.count - 1
  }

  mutating func add(_ storage: PickledStorage) throws -> PickleValue {
    try charge(2)
    storages.append(storage)
    return .storage(storages.count - 1)
  }

  mutating func add(_ tensor: PickledTensor) throws -> PickleValue {
    try charge(4 + tensor.shape.count + tensor.strides.count)
    tensors.append(tensor)
    return .tensor(tensors.count - 1)
  }
}

extension Unpickler {
  /// Reads what a scalar's operation is followed by.
  mutating func scalar(_ opcode: PickleOpcode) throws -> PickleValue {
    switch opcode {
    case .none: return .none
    case .newTrue: return .bool(true)
    case .newFalse: return .bool(false)
    case .binInt: return .int(Int(try cursor.integer(Int32.self)))
    case .binInt1: return .int(try cursor.count(UInt8.self))
    case .binInt2: return .int(try cursor.count(UInt16.self))
    case .long1: return try integer(size: try cursor.count(UInt8.self))
    case .long4: return try integer(size: try cursor.count(Int32.self))
    case .binUnicode: return try string(size: try cursor.count(UInt32.self))
    case .shortBinUnicode, .shortBinString: return try string(size: try cursor.count(UInt8.self))
    case .binUnicode8: return try string(size: try cursor.count(UInt64.self))
    case .binString: return try string(size: try cursor.count(Int32.self))
    case .binBytes: try cursor.skip(try cursor.count(UInt32.self))
    case .shortBinBytes: try cursor.skip(try cursor.count(UInt8.self))
    case .binBytes8, .byteArray8: try cursor.skip(try cursor.count(UInt64.self))
    default: try cursor.skip(8)
    }
    return .opaque
  }

  // Little-endian two's complement of any length.
  private mutating func integer(size: Int) throws -> PickleValue {
    let bytes = try cursor.take(size)
    guard size <= 8 else { return .opaque }
    let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
    return .int(bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) })
  }

  private mutating func string(size: Int) throws -> PickleValue {
    guard let string = String(validating: try cursor.take(size), as: UTF8.self) else {
      throw malformed("a string is not valid UTF-8")
    }
    return .string(string)
  }
}

/// The stack of the machine that a pickle is a program for, with its marks.
struct PickleStack {
  /// More was taken than there is.
  struct Underflow: Error {}

  private var values: [PickleValue] = []
  private var marks: [Int] = []

  mutating func push(_ value: PickleValue) { values.append(value) }

  mutating func mark() { marks.append(values.count) }

  /// The last value above the last mark.
  func top() throws(Underflow) -> PickleValue {
    guard let value = values.last, values.count > marks.last ?? 0 else { throw Underflow() }
    return value
  }

  mutating func pop() throws(Underflow) -> PickleValue {
    let value = try top()
    values.removeLast()
    return value
  }

  /// The last `count` values, the last one last.
  mutating func pop(_ count: Int) throws(Underflow) -> [PickleValue] {
    guard values.count - (marks.last ?? 0) >= count else { throw Underflow() }
    defer { values.removeLast(count) }
    return Array(values.suffix(count))
  }

  /// The values above the last mark, which goes too.
  mutating func popToMark() throws(Underflow) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw Underflow() }
    defer { values.removeLast(values.count - mark) }
    return Array(values[mark...])
  }
}
