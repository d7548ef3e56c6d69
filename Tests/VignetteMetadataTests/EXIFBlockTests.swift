import Testing

@testable import VignetteMetadata

@Suite struct EXIFBlockTests {
  /// A block with entries of (tag, type, count, value or offset) and what follows the directory.
  private func block(_ entries: [[Int]], _ order: ByteOrder = .little, rest: [UInt8] = []) -> [UInt8] {
    var bytes: [UInt8] = order == .little ? [0x49, 0x49, 42, 0] : [0x4D, 0x4D, 0, 42]
    bytes += order.bytes(8, 4) + order.bytes(entries.count, 2)
    for entry in entries {
      bytes +=
        order.bytes(entry[0], 2) + order.bytes(entry[1], 2) + order.bytes(entry[2], 4)
        + order.bytes(entry[3], 4)
    }
    return bytes + order.bytes(0, 4) + rest
  }

  private func setting(_ text: String, _ bytes: [UInt8]) throws -> [UInt8] {
    var block = try EXIFBlock(bytes)
    try block.setImageDescription(text)
    #expect(block.imageDescription == (text.isEmpty ? nil : text))
    // Read anew, it says the same.
    #expect(try EXIFBlock(block.bytes).imageDescription == block.imageDescription)
    return block.bytes
  }

  @Test(arguments: [ByteOrder.little, .big])
  func aFieldIsAddedAndNothingMoves(order: ByteOrder) throws {
    // Make, a value out of line, and a directory of EXIF with a maker's note.
    let note = Array("NOTE WITH OFFSETS".utf8)
    let rest = Array("Maker of cameras\0\0".utf8)
    let exif = 8 + 2 + 3 * 12 + 4 + rest.count
    let directory =
      order.bytes(1, 2) + order.bytes(0x927C, 2) + order.bytes(7, 2) + order.bytes(note.count, 4)
    let old = block(
      [[0x010F, 2, 17, 50], [0x0112, 3, 1, order == .little ? 6 : 6 << 16], [0x8769, 4, 1, exif]], order,
      rest: rest + directory + order.bytes(exif + 18, 4) + order.bytes(0, 4) + note)
    let new = try setting("A description", old)
    // All but the offset of the first directory.
    #expect(new[..<4] == old[..<4] && new[8..<old.count] == old[8...])
    #expect(try setting("", new).count == new.count)
  }

  @Test(arguments: ["Short", "Exactly as long", "Longer than what was there"])
  func aTextTakesThePlaceOfAnother(text: String) throws {
    // The old text is followed by another value.
    let old = block(
      [[0x010E, 2, 16, 38], [0x010F, 2, 6, 54]], rest: Array("Exactly as long\0Maker\0".utf8) + [0, 0, 0, 0])
    let new = try setting(text, old)
    #expect(new[54..<old.count] == old[54...])
    #expect(new.count == (text.utf8.count < 16 ? old.count : old.count + text.utf8.count + 1))
  }

  /// A text that stands last can grow where it is, so that blocks don't get longer with every change.
  @Test func blocksDoNotGrowWithEveryChange() throws {
    var bytes = try setting("A first description", block([]))
    let count = bytes.count
    for text in [
      "A first description", "A second, longer description", "Short", "abc", "A first description",
    ] {
      bytes = try setting(text, bytes)
    }
    #expect(bytes.count <= count + 40)
  }

  /// Values that share their place aren't overwritten.
  @Test func sharedTextsStay() throws {
    let old = block([[0x010E, 2, 8, 38], [0x010F, 2, 8, 38]], rest: Array("Shared!\0".utf8))
    let new = try setting("other", old)
    #expect(Array(new[38..<46]) == Array("Shared!\0".utf8))
  }

  @Test func shortTextsStandInTheDirectory() throws {
    let new = try setting("abc", block([[0x010E, 2, 16, 26]], rest: Array("Exactly as long\0".utf8)))
    #expect(new.count == 26)
    #expect(try setting("longer", new).count == 33)
  }

  @Test func textsInLatin1AreRead() throws {
    let bytes = block([[0x010E, 2, 4, 0x0000_E963]])
    #expect(try EXIFBlock(bytes).imageDescription == "cé")
  }

  /// Directories that lead to each other, values beyond the end, counts beyond all bounds.
  @Test func hostileBlocksEndInAnErrorOrAResult() throws {
    let hostile: [[UInt8]] = [
      [], [0x49, 0x49, 42, 0], [0x49, 0x49, 42, 0, 255, 255, 255, 255],
      [0x49, 0x49, 42, 0, 8, 0, 0, 0, 255, 255],
      [0x49, 0x49, 42, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ]
    for bytes in hostile { #expect(throws: MetadataError.self) { try EXIFBlock(bytes) } }
    // A circle: EXIF's directory is the first, and so is the next.
    var circle = block([[0x010E, 2, 6, 38], [0x8769, 4, 1, 8]], rest: Array("hello\0".utf8) + [1, 2])
    circle.replaceSubrange(34..<38, with: [8, 0, 0, 0])
    #expect(try setting("hello again", circle).count > circle.count)
    for entry in [
      [0x010E, 2, 0x7FFF_FFFF, 38], [0x010E, 12, 0xFFFF_FFFF, 0xFFFF_FFFF], [0x010E, 99, 5, 5],
    ] {
      _ = try setting("hello", block([entry, [0x010F, 13, 0xFFFF_FFFF, 0xFFFF_FFFF]]))
    }
  }
}
