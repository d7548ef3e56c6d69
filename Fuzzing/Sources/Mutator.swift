/// Random changes of a sample; which ones follows from the seed alone.
struct Mutator {
  var random: SplitMix64

  /// The sample that comes as number `iteration` of a run: a seed with a few changes, now and then none.
  static func sample(_ seeds: [Sample], seed: UInt64, iteration: UInt64) -> Sample {
    var mutator = Mutator(random: SplitMix64(seed: seed &* 0x9E37_79B9 ^ iteration &* 0xD134_2543_DE82_EF95))
    var sample = seeds[mutator.below(seeds.count)]
    if iteration < UInt64(seeds.count) { return seeds[Int(iteration)] }
    for _ in 0...mutator.below(4) { mutator.change(&sample, seeds) }
    return sample
  }

  mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(1, bound))) }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  private mutating func change(_ sample: inout Sample, _ seeds: [Sample]) {
    guard !sample.files.isEmpty else { return }
    let index = below(sample.files.count)
    let name = sample.files[index].name
    if sample.files.count > 1, below(16) == 0 {
      // A file that belongs to another sample, or to nobody.
      let others = seeds.flatMap(\.files).filter { $0.name == name }
      if below(3) == 0 || others.isEmpty {
        sample.files.remove(at: index)
      } else {
        sample.files[index] = pick(others)
      }
      return
    }
    let others = seeds.flatMap(\.files).filter { $0.name == name }.map(\.bytes)
    sample.files[index].bytes = changed(sample.files[index].bytes, name, others)
  }

  private mutating func changed(_ bytes: [UInt8], _ name: String, _ others: [[UInt8]]) -> [UInt8] {
    if name.hasSuffix(".safetensors"), below(4) > 0, let changed = changedHeader(bytes) { return changed }
    if MarkupMutator.suits(name), below(4) > 0 { return MarkupMutator(bytes).changed(&self) }
    let isText = !bytes.prefix(512).contains(0) && String(validating: bytes.prefix(64), as: UTF8.self) != nil
    if isText, below(5) > 0 {
      var text = TextMutator(bytes)
      return text.changed(&self)
    }
    let result = bytesChanged(bytes, others)
    if name.hasSuffix(".tar") { return below(3) > 0 ? TarChecksums.mended(result) : result }
    return bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) && below(3) > 0 ? PNGChecksums.mended(result) : result
  }

  /// The JSON at the start of a safetensors file changed, its length mended.
  private mutating func changedHeader(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count > 8 else { return nil }
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) & 0xFF }
    guard length > 0, length <= bytes.count - 8 else { return nil }
    var text = TextMutator(Array(bytes[8..<8 + length]))
    var header = text.changed(&self)
    while header.count % 8 != 0 { header.append(0x20) }
    let size = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
    return size + header + bytes[(8 + length)...]
  }

  private mutating func bytesChanged(_ bytes: [UInt8], _ others: [[UInt8]]) -> [UInt8] {
    var bytes = bytes
    guard !bytes.isEmpty else { return [UInt8(below(256))] }
    // Where formats have their heads and tails, more happens.
    let position =
      switch below(4) {
      case 0: below(min(64, bytes.count))
      case 1: bytes.count - 1 - below(min(64, bytes.count))
      default: below(bytes.count)
      }
    let length = 1 + below(min(bytes.count - position, 1 << below(10)))
    switch below(9) {
    case 0: bytes[position] ^= 1 << below(8)
    case 1: bytes[position] = pick([0, 1, 0x7F, 0x80, 0xFE, 0xFF, UInt8(below(256))])
    case 2, 3: write(&bytes, at: position)
    case 4: bytes.removeSubrange(position..<position + length)
    case 5: bytes.insert(contentsOf: bytes[position..<position + length], at: position)
    case 6: bytes.removeSubrange(position...)
    case 7:
      let other = pick(others.isEmpty ? [bytes] : others)
      let start = below(other.count)
      bytes.replaceSubrange(
        position..<position + length, with: other[start..<min(other.count, start + length)])
    default: for i in position..<position + length { bytes[i] = UInt8(below(256)) }
    }
    return bytes
  }

  private static let extremes: [UInt64] = [
    0, 1, .max, .max - 1, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 63,
    (1 << 63) - 1,
  ]

  /// An integer that a size or an offset may not be, in either byte order.
  private mutating func write(_ bytes: inout [UInt8], at position: Int) {
    let size = pick([2, 4, 8])
    let near = UInt64(truncatingIfNeeded: bytes.count + below(17) - 8)
    let value = below(3) == 0 ? UInt64(below(300)) : below(3) == 0 ? near : pick(Self.extremes)
    let isBigEndian = below(2) == 0
    for i in 0..<size where position + i < bytes.count {
      bytes[position + i] = UInt8(truncatingIfNeeded: value >> (8 * (isBigEndian ? size - 1 - i : i)))
    }
  }
}

/// A small generator whose numbers follow from its seed.
struct SplitMix64 {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
    return value ^ value >> 31
  }
}

/// The checksums of a PNG's chunks, without which hardly any change gets past its header.
enum PNGChecksums {
  private static let table: [UInt32] = (0..<256).map { number in
    (0..<8).reduce(UInt32(number)) { sum, _ in sum & 1 == 1 ? 0xEDB8_8320 ^ sum >> 1 : sum >> 1 }
  }

  static func mended(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var start = 8
    while start + 12 <= bytes.count {
      let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      let end = start + 8 + length
      guard end + 4 <= bytes.count else { break }
      let sum = ~bytes[(start + 4)..<end].reduce(UInt32.max) {
        Self.table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ $0 >> 8
      }
      for i in 0..<4 { bytes[end + i] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * i)) }
      start = end + 4
    }
    return bytes
  }
}
