package import VignetteFiles

/// The types that a model's weights are written in. Raw values are Hugging Face's names, as `dtype` says them.
public enum WeightsType: String, Sendable, CaseIterable {
  case float32
  /// Half the size; numbers of float32's range with three digits.
  case bfloat16
  /// Half the size; numbers up to 65,504 with four digits.
  case float16

  package var elementType: ElementType {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }

  /// Hands on a weight's values in this type, rounded to the nearest, ties to even, as PyTorch's `to(dtype)` does.
  ///
  /// - Throws: ``CheckpointError/beyondType(name:value:type:)`` where a number is too large for it; what `write` throws.
  package func write(
    _ values: UnsafeBufferPointer<Float>, named name: String, _ write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let convert: (Float) -> UInt16
    switch self {
    case .float32: return try write(UnsafeRawBufferPointer(values))
    case .bfloat16: convert = BrainFloat.bits
    case .float16: convert = HalfPrecision.bits
    }
    for start in stride(from: 0, to: values.count, by: Self.piece) {
      let part = values[start..<min(start + Self.piece, values.count)]
      if self == .float16, let value = part.first(where: { $0.isFinite && abs($0) >= HalfPrecision.bound }) {
        throw CheckpointError.beyondType(name: name, value: value, type: rawValue)
      }
      try part.map(convert).withUnsafeBytes(write)
    }
  }

  /// How many numbers are converted at a time.
  private static let piece = 1 << 16

  /// A configuration that says that the weights beside it are of this type.
  ///
  /// Transformers makes a model of the type that is named, whatever the weights are. Where none is named, it takes theirs.
  package func stated(in configuration: JSONValue) -> JSONValue {
    guard case .object(var members) = renamed(configuration) else { return configuration }
    if self != .float32, members["dtype"] == nil, members["torch_dtype"] == nil {
      members["dtype"] = .string(rawValue)
    }
    return .object(members)
  }

  /// Where a configuration, or one within it, names a type, it names this one.
  private func renamed(_ configuration: JSONValue) -> JSONValue {
    guard case .object(let members) = configuration else { return configuration }
    return .object(
      JSONObject(
        members.map { key, value in
          switch (key, value) {
          case ("dtype", .string), ("torch_dtype", .string): (key, .string(rawValue))
          case (_, .object): (key, renamed(value))
          default: (key, value)
          }
        }))
  }
}

/// bfloat16 by its bits: the upper half of a single-precision number's.
enum BrainFloat {
  /// The nearest number's bits, ties to even.
  static func bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return UInt16(bits >> 16) | 0x0040 }
    return UInt16((bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
  }
}
