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
