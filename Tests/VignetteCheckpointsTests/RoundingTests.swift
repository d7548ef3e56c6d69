import Testing

@testable import VignetteCheckpoints

/// Weights rounded to half their size.
@Suite struct RoundingTests {
  @Test func everyHalfPrecisionNumberIsItself() {
    for bits in UInt16.min...UInt16.max {
      let value = HalfPrecision.float(bits)
      if value.isNaN {
        #expect(HalfPrecision.float(HalfPrecision.bits(value)).isNaN)
      } else {
        #expect(HalfPrecision.bits(value) == bits)
      }
    }
  }

  /// Between two neighbours: the nearer one, and half way the even one.
  @Test(arguments: [WeightsType.float16, .bfloat16])
  func numbersRoundToTheNearest(type: WeightsType) {
    let last: UInt16 = type == .float16 ? 0x7BFF : 0x7F7F
    for lower in stride(from: UInt16(0), to: last, by: 7) {
      let (a, b) = (Self.float(lower, type), Self.float(lower + 1, type))
      let middle = a / 2 + b / 2
      for sign: Float in [1, -1] {
        let mark: UInt16 = sign < 0 ? 0x8000 : 0
        #expect(Self.bits(sign * middle, type) == mark | (lower % 2 == 0 ? lower : lower + 1))
        #expect(Self.bits(sign * middle.nextDown, type) == mark | lower)
        #expect(Self.bits(sign * middle.nextUp, type) == mark | (lower + 1))
      }
    }
  }

  @Test func largeNumbersAreRefusedByHalfPrecisionAlone() throws {
    let values: [Float] = [1, -65520, 2]
    #expect(Self.written([65519.99, -.infinity], .float16) == [0x7BFF, 0xFC00])
    let error = #expect(throws: CheckpointError.self) {
      try values.withUnsafeBufferPointer { try WeightsType.float16.write($0, named: "h.0.weight") { _ in } }
    }
    #expect(
      error?.description
        == "weight \"h.0.weight\" has the value -65520.0, which is beyond float16; bfloat16 has room for it")
    #expect(Self.written(values, .bfloat16) == [0x3F80, 0xC780, 0x4000])
  }

  private static func written(_ values: [Float], _ type: WeightsType) -> [UInt16] {
    var bits: [UInt16] = []
    try? values.withUnsafeBufferPointer { values in
      try type.write(values, named: "x") { bits += Array($0.bindMemory(to: UInt16.self)) }
    }
    return bits
  }

  private static func bits(_ value: Float, _ type: WeightsType) -> UInt16 {
    type == .float16 ? HalfPrecision.bits(value) : BrainFloat.bits(value)
  }

  private static func float(_ bits: UInt16, _ type: WeightsType) -> Float {
    type == .float16 ? HalfPrecision.float(bits) : Float(bitPattern: UInt32(bits) << 16)
  }
}
