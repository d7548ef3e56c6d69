/// The list of further images behind a JPEG, such as a depth map, with their places in the file: they change where what stands
/// before them grows.
///
/// Source: CIPA DC-007 (Multi-Picture Format).
enum MultiPictureIndex {
  private static let entryTag = 0xB002
  private static let entrySize = 16

  /// The edits that keep a file's list right when `edits` are made before its first scan.
  ///
  /// A list that can't be read is left as it is: nobody can use it.
  static func corrections(of segments: JPEGSegments, for edits: [ByteEdit]) -> [ByteEdit] {
    let growth = edits.reduce(0) { $0 + $1.growth }
    guard growth != 0, let segment = segments.segments(0xE2, JPEGSegments.multiplePictures).first else {
      return []
    }
    // Offsets count from here, behind the header.
    let start = segment.payload.lowerBound + JPEGSegments.multiplePictures.count
    let block = segments.bytes[start..<segment.payload.upperBound]
    guard let (order, entries) = list(in: block) else { return [] }
    let growthBehind = edits.filter { $0.range.lowerBound >= start }.reduce(0) { $0 + $1.growth }
    return stride(from: 0, to: entries.count, by: entrySize).flatMap { index -> [ByteEdit] in
      let position = entries.lowerBound + index
      guard let size = order.number(4, at: position + 4, of: block),
        let offset = order.number(4, at: position + 8, of: block)
      else { return [] }
      // The first image, whose offset is 0, is the one that grows.
      let (field, value) = offset == 0 ? (position + 4, size + growth) : (position + 8, offset + growthBehind)
      return [ByteEdit(start + field..<start + field + 4, order.bytes(value, 4))]
    }
  }

  /// The entries' range in the block.
  private static func list(in block: ArraySlice<UInt8>) -> (ByteOrder, Range<Int>)? {
    let order: ByteOrder
    switch Array(block.prefix(4)) {
    case [0x49, 0x49, 42, 0]: order = .little
    case [0x4D, 0x4D, 0, 42]: order = .big
    default: return nil
    }
    guard let directory = order.number(4, at: 4, of: block),
      let count = order.number(2, at: directory, of: block)
    else { return nil }
    for index in 0..<count {
      let position = directory + 2 + 12 * index
      guard let tag = order.number(2, at: position, of: block) else { return nil }
      guard tag == entryTag, let size = order.number(4, at: position + 4, of: block),
        let offset = order.number(4, at: position + 8, of: block)
      else { continue }
      guard size.isMultiple(of: entrySize), size <= block.count, offset <= block.count - size else {
        return nil
      }
      return (order, offset..<offset + size)
    }
    return nil
  }
}
