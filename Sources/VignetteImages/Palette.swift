/// 256 colours; those that a file leaves out are black.
struct Palette {
  /// Red, green and blue of each colour, 768 bytes.
  let colours: [UInt8]

  /// Makes a palette of interleaved red, green and blue.
  init(rgb: some Collection<UInt8>) {
    var colours = Array(rgb.prefix(3 * 256))
    colours.removeLast(colours.count % 3)
    colours += [UInt8](repeating: 0, count: 3 * 256 - colours.count)
    self.colours = colours
  }

  /// The 256 greys, in order.
  static let greys = Palette(rgb: (0..<256).flatMap { grey in repeatElement(UInt8(grey), count: 3) })
}
