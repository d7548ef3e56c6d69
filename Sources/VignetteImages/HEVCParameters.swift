#if Formats
  /// The sizes that the parameter sets of HEVC data in a file name. The decoder takes memory for these whatever the
  /// container says, and doesn't compare the two.
  ///
  /// Source: ITU-T H.265, 7.3.2.2.
  enum HEVCParameters {
    /// The largest size that a sequence parameter set anywhere in the file has; nil where there is none.
    ///
    /// The file is searched, since sets may stand in the container's header as well as in the data. In other data, what
    /// looks like one names a large size once in millions of times.
    static func largestSize(in file: UnsafeBufferPointer<UInt8>) -> (width: Int, height: Int)? {
      var largest: (width: Int, height: Int)?
      guard file.count > 8 else { return nil }
      for i in 4..<file.count - 2 where file[i] == 0x42 && (1...7).contains(file[i + 1]) {
        // The set's length stands before it, in two bytes or in four.
        let short = Int(file[i - 2]) << 8 | Int(file[i - 1])
        let long = Int(file[i - 4]) << 24 | Int(file[i - 3]) << 16 | short
        guard [short, long].contains(where: { (8...(file.count - i)).contains($0) }) else { continue }
        var bits = Bits(UnsafeBufferPointer(rebasing: file[(i + 2)...]))
        guard let size = size(&bits) else { continue }
        if size.width * size.height > largest.map({ $0.width * $0.height }) ?? 0 { largest = size }
      }
      return largest
    }

    /// What a set says behind its header; nil for what is none.
    private static func size(_ bits: inout Bits) -> (width: Int, height: Int)? {
      bits.skip(4)
      guard let layers = bits.read(3), layers < 7 else { return nil }
      // Nesting, then the profile and the level, also those of each lower layer.
      bits.skip(1 + 96)
      var parts = 0
      if layers > 0 {
        for _ in 0..<layers {
          parts += 88 * (bits.read(1) ?? 0)
          parts += 8 * (bits.read(1) ?? 0)
        }
        bits.skip(2 * (8 - layers))
      }
      bits.skip(parts)
      guard let identifier = bits.readExponential(), identifier < 16,
        let chroma = bits.readExponential(), chroma < 4
      else { return nil }
      if chroma == 3 { bits.skip(1) }
      guard let width = bits.readExponential(), let height = bits.readExponential() else { return nil }
      return (width, height)
    }

    /// Bits of a unit without the bytes that keep it from looking like a start code.
    private struct Bits {
      private let bytes: UnsafeBufferPointer<UInt8>
      private var position = 0
      private var bit = 0
      private var zeros = 0

      init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

      private mutating func next() -> Int? {
        if bit == 0, zeros >= 2, position < bytes.count, bytes[position] == 3 {
          position += 1
          zeros = 0
        }
        guard position < bytes.count else { return nil }
        let value = Int(bytes[position] >> (7 - bit) & 1)
        bit += 1
        if bit == 8 {
          zeros = bytes[position] == 0 ? zeros + 1 : 0
          (position, bit) = (position + 1, 0)
        }
        return value
      }

      mutating func skip(_ count: Int) {
        for _ in 0..<count { _ = next() }
      }

      mutating func read(_ count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
          guard let bit = next() else { return nil }
          value = value << 1 | bit
        }
        return value
      }

      /// A number in Exp-Golomb code, of at most 30 bits.
      mutating func readExponential() -> Int? {
        var zeros = 0
        while let bit = next() {
          if bit == 1 { return read(zeros).map { 1 << zeros - 1 + $0 } }
          zeros += 1
          guard zeros <= 30 else { return nil }
        }
        return nil
      }
    }
  }
#endif
