/// The images of the training fixtures, made anew from a linear congruential generator as the script that trained on
/// them makes them.
public enum ReferenceImage {
  public static let side = 12

  /// The bytes [3, 12, 12] of image `number`: a level for each channel and quadrant, with noise.
  public static func planes(_ number: Int) -> [UInt8] {
    var state = UInt32(number + 1)
    func next(_ bound: UInt32) -> UInt32 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return (state >> 16) % bound
    }
    let levels = (0..<12).map { _ in next(200) }
    let half = side / 2
    return (0..<3 * side * side).map { place in
      let (channel, row, column) = (place / (side * side), place / side % side, place % side)
      return UInt8(levels[4 * channel + 2 * (row / half) + column / half] + next(56))
    }
  }
}
