/// GIF's variable-width LZW (codes of up to 12 bits, least significant bit first, in blocks of up to 255 bytes).
enum LZWDecoder {
  private static let maximumCodes = 4096

  /// Decodes `count` indices from blocks at the reader's place.
  static func decode(
    _ reader: inout ByteReader, minimumCodeSize: Int, count: Int
  ) throws -> [UInt8] {
    guard (0...11).contains(minimumCodeSize) else {
      throw corrupt("its code size is \(minimumCodeSize) bits")
    }
    let clear = 1 << minimumCodeSize
    var codes = CodeReader(reader)
    var table = Table(clear: clear)
    var output = [UInt8]()
    output.reserveCapacity(min(count, 1 << 24))
    var previous: Int?

    while output.count < count {
      let code = try codes.next(bits: table.codeSize)
      if code == clear {
        table.reset()
        previous = nil
        continue
      }
      guard code != clear + 1 else { throw corrupt("its image data ends early") }
      if let last = previous {
        guard code <= table.next else { throw corrupt("its image data holds an unknown code") }
        table.append(code, last: last, to: &output)
      } else {
        guard code < clear else { throw corrupt("its image data begins with an unknown code") }
        output.append(UInt8(truncatingIfNeeded: code))
      }
      previous = code
    }
    output.removeLast(output.count - count)
    return output
  }

  private static func corrupt(_ reason: String) -> ImageError {
    .corrupt(format: "GIF", reason: reason)
  }

  /// The strings that codes stand for, each a shorter string and one more index.
  private struct Table {
    let clear: Int
    /// The first code that stands for nothing yet.
    private(set) var next: Int
    private(set) var codeSize: Int
    private var prefix = [UInt16](repeating: 0, count: maximumCodes)
    private var suffix = [UInt8](repeating: 0, count: maximumCodes)
    private var length = [UInt16](repeating: 1, count: maximumCodes)
    private var first = [UInt8](repeating: 0, count: maximumCodes)

    init(clear: Int) {
      self.clear = clear
      next = clear + 2
      codeSize = clear.trailingZeroBitCount + 1
      for code in 0..<clear {
        suffix[code] = UInt8(truncatingIfNeeded: code)
        first[code] = suffix[code]
      }
    }

    mutating func reset() {
      next = clear + 2
      codeSize = clear.trailingZeroBitCount + 1
    }

    /// Adds the string made of the last one and the first index of this one, and writes this one out.
    mutating func append(_ code: Int, last: Int, to output: inout [UInt8]) {
      if next < maximumCodes {
        prefix[next] = UInt16(last)
        suffix[next] = code == next ? first[last] : first[code]
        first[next] = first[last]
        length[next] = length[last] + 1
        if next == 1 << codeSize - 1, codeSize < 12 { codeSize += 1 }
        next += 1
      }
      let start = output.count
      let end = start + Int(length[code])
      output.append(contentsOf: repeatElement(0, count: end - start))
      var link = code
      var index = end - 1
      while index > start {
        output[index] = suffix[link]
        link = Int(prefix[link])
        index -= 1
      }
      output[start] = first[code]
    }
  }

  /// Takes codes from a chain of blocks.
  private struct CodeReader {
    private var reader: ByteReader
    private var block: ArraySlice<UInt8> = []
    private var bits: UInt32 = 0
    private var bitCount = 0

    init(_ reader: ByteReader) { self.reader = reader }

    mutating func next(bits count: Int) throws -> Int {
      while bitCount < count {
        // A block of no bytes ends the data properly; what follows is read on, as some encoders write too many.
        while block.isEmpty { block = try reader.read(Int(try reader.readUInt8())) }
        bits |= UInt32(block.removeFirst()) << bitCount
        bitCount += 8
      }
      let code = Int(bits & (1 << count - 1))
      bits >>= count
      bitCount -= count
      return code
    }
  }
}
