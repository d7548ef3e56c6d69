/// What a pickle can build here: data, and nothing that runs.
///
/// Containers are indices into their unpickler, so that a value holding itself, or a million values inside each
/// other, cost nothing when they are dropped.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case string(String)
  /// A number or bytes that no tensor needs: only its existence is kept.
  case opaque
  case global(PickleGlobal)
  case tuple(Int)
  case list(Int)
  /// A dict or an OrderedDict; keys and values alternate.
  case dict(Int)
  case set(Int)
  case storage(Int)
  case tensor(Int)
}

/// A run of memory that tensors look into; its bytes lie elsewhere in the file, under `key`.
struct PickledStorage {
  let key: String
  /// Nil for a storage of bare bytes.
  let elementType: ElementType?
  let byteCount: Int
}

/// A tensor's view of a storage; shape, strides and offset are in elements and as yet unchecked.
struct PickledTensor {
  let storage: PickledStorage
  let elementType: ElementType
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}

/// The names that a pickle may ask for. Everything else is refused when it is named, before anything is built.
enum PickleGlobal: Equatable {
  case orderedDict
  case set
  /// `_codecs.encode`, by which old protocols spell bytes.
  case encode
  case size
  case rebuildTensor
  case rebuildTensorV2
  case rebuildTensorV3
  case rebuildParameter
  case rebuildParameterWithState
  case storage(ElementType)
  case untypedStorage
  case elementType(ElementType)

  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDict
    case ("builtins", "set"), ("__builtin__", "set"): self = .set
    case ("_codecs", "encode"): self = .encode
    case ("torch", "Size"): self = .size
    case ("torch._utils", "_rebuild_tensor"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensorV2
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensorV3
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch._utils", "_rebuild_parameter_with_state"): self = .rebuildParameterWithState
    case ("torch.storage", "UntypedStorage"), ("torch", "UntypedStorage"): self = .untypedStorage
    case ("torch", _):
      if let type = ElementType(torchStorageName: name) {
        self = .storage(type)
      } else if let type = ElementType(rawValue: name) {
        self = .elementType(type)
      } else {
        return nil
      }
    default: return nil
    }
  }
}

/// The operations of pickle protocols 2 to 5 that data can be spelled with.
///
/// Left out are protocol 0's numbers in decimal, the extension registry, buffers outside the pickle, and all
/// that makes objects of classes.
enum PickleOpcode: UInt8 {
  case proto = 0x80
  case frame = 0x95
  case stop = 0x2E

  case mark = 0x28
  case pop = 0x30
  case popMark = 0x31
  case dup = 0x32

  case none = 0x4E
  case newTrue = 0x88
  case newFalse = 0x89
  case binInt = 0x4A
  case binInt1 = 0x4B
  case binInt2 = 0x4D
  case long1 = 0x8A
  case long4 = 0x8B
  case binFloat = 0x47

  case binUnicode = 0x58
  case shortBinUnicode = 0x8C
  case binUnicode8 = 0x8D
  case binString = 0x54
  case shortBinString = 0x55
  case binBytes = 0x42
  case shortBinBytes = 0x43
  case binBytes8 = 0x8E
  case byteArray8 = 0x96

  case emptyTuple = 0x29
  case tuple = 0x74
  case tuple1 = 0x85
  case tuple2 = 0x86
  case tuple3 = 0x87
  case emptyList = 0x5D
  case list = 0x6C
  case append = 0x61
  case appends = 0x65
  case emptyDict = 0x7D
  case dict = 0x64
  case setItem = 0x73
  case setItems = 0x75
  case emptySet = 0x8F
  case addItems = 0x90
  case frozenSet = 0x91

  case binGet = 0x68
  case longBinGet = 0x6A
  case binPut = 0x71
  case longBinPut = 0x72
  case memoize = 0x94

  case global = 0x63
  case stackGlobal = 0x93
  case instance = 0x69
  case reduce = 0x52
  case build = 0x62
  case binPersId = 0x51
}
