/// IEEE 754 half precision by its bits, since Swift has no `Float16` on some processors, and a slow one on others.
enum HalfPrecision {
  /// The number whose half-precision bits are `bits`; exact.
  @inline(__always)
  static func float(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7FFF) << 13
    let sign = UInt32(bits & 0x8000) << 16
    // Moved to single precision, the exponent is too small by 127 - 15.
    let normal = magnitude &+ 112 << 23
    // A subnormal number has no leading one: it is given one, which is then subtracted.
    let subnormal = (Float(bitPattern: magnitude &+ 113 << 23) - 0x1p-14).bitPattern
    let special = magnitude | 0x7F80_0000
    let finite = magnitude < 0x0080_0000 ? subnormal : normal
    return Float(bitPattern: sign | (magnitude < 0x0F80_0000 ? finite : special))
  }
}
