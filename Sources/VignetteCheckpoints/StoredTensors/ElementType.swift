/// The type of a tensor's elements in a checkpoint file. Raw values are PyTorch's names.
///
/// Values are little-endian. The cases stand in the order in which safetensors sorts them: it stores the last
/// ones first, so that wide elements stay aligned.
package enum ElementType: String, Sendable, CaseIterable {
  case bool
  case uint8, int8
  case int16, uint16, float16, bfloat16
  case int32, uint32, float32
  case float64, int64, uint64

  /// The bytes of one element.
  package var byteSize: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .float64, .int64, .uint64: 8
    }
  }

  /// The name in a safetensors header.
  package var safetensorsName: String {
    switch self {
    case .bool: "BOOL"
    case .uint8: "U8"
    case .int8: "I8"
    case .int16: "I16"
    case .uint16: "U16"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .int32: "I32"
    case .uint32: "U32"
    case .float32: "F32"
    case .float64: "F64"
    case .int64: "I64"
    case .uint64: "U64"
    }
  }

  package init?(safetensorsName: String) {
    guard let type = Self.bySafetensorsName[safetensorsName] else { return nil }
    self = type
  }

  /// The class in module `torch` whose pickled name stands for a storage of this type. PyTorch has none for the
  /// wider unsigned integers: it gives their type apart.
  var torchStorageName: String? {
    switch self {
    case .bool: "BoolStorage"
    case .uint8: "ByteStorage"
    case .int8: "CharStorage"
    case .int16: "ShortStorage"
    case .float16: "HalfStorage"
    case .bfloat16: "BFloat16Storage"
    case .int32: "IntStorage"
    case .float32: "FloatStorage"
    case .float64: "DoubleStorage"
    case .int64: "LongStorage"
    case .uint16, .uint32, .uint64: nil
    }
  }

  init?(torchStorageName: String) {
    guard let type = Self.allCases.first(where: { $0.torchStorageName == torchStorageName }) else {
      return nil
    }
    self = type
  }

  private static let bySafetensorsName = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.safetensorsName, $0) })
}
