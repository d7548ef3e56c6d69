/// PNG's row filters: each byte was stored as its difference from a prediction by its neighbours.
enum PNGFilter: UInt8 {
  case none
  case left
  case up
  case average
  case paeth

  /// Turns differences back into bytes, in place.
  ///
  /// - Parameters:
  ///   - row: The row's bytes.
  ///   - above: The bytes of the row before, zeros for the first.
  ///   - distance: The bytes from a pixel to the next, at least one.
  func undo(
    _ row: UnsafeMutableBufferPointer<UInt8>, above: UnsafeMutableBufferPointer<UInt8>, distance: Int
  ) {
    let count = row.count
    let head = min(distance, count)
    switch self {
    case .none: return
    case .left:
      for i in head..<count { row[i] &+= row[i - distance] }
    case .up:
      for i in 0..<count { row[i] &+= above[i] }
    case .average:
      for i in 0..<head { row[i] &+= above[i] / 2 }
      for i in head..<count {
        row[i] &+= UInt8(truncatingIfNeeded: (Int(row[i - distance]) &+ Int(above[i])) / 2)
      }
    case .paeth:
      for i in 0..<head { row[i] &+= above[i] }
      for i in head..<count {
        row[i] &+= Self.nearest(left: row[i - distance], up: above[i], corner: above[i - distance])
      }
    }
  }

  /// The neighbour closest to left + up − corner.
  private static func nearest(left: UInt8, up: UInt8, corner: UInt8) -> UInt8 {
    let (a, b, c) = (Int(left), Int(up), Int(corner))
    let leftDistance = abs(b &- c)
    let upDistance = abs(a &- c)
    let cornerDistance = abs(a &+ b &- 2 &* c)
    if leftDistance <= upDistance && leftDistance <= cornerDistance { return left }
    return upDistance <= cornerDistance ? up : corner
  }
}
