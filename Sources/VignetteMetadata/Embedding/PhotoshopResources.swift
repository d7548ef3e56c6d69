/// The image resources that Photoshop keeps in a JPEG's APP13 segments, of which one is a block of IPTC.
///
/// Source: Adobe Photoshop File Formats Specification, "Image Resources Section".
struct PhotoshopResources {
  private struct Resource {
    let id: Int
    /// Where the length of its data stands, and the data; without the byte that makes them even.
    let length: Range<Int>
    let data: Range<Int>
    let end: Int
  }

  let bytes: [UInt8]
  private let resources: [Resource]

  private static let signature = Array("8BIM".utf8)
  private static let iptc = 0x0404
  /// The MD5 of the IPTC block, by which Photoshop sees that another program has changed it.
  private static let digest = 0x0425

  /// - Throws: ``MetadataError`` for a resource that lies beyond the end.
  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    var resources: [Resource] = []
    var position = 0
    while bytes[position...].starts(with: Self.signature) {
      guard let resource = Self.resource(at: position, of: bytes) else {
        throw MetadataError(.damaged("its Photoshop resources end inside one of them"))
      }
      resources.append(resource)
      position = resource.end
    }
    self.resources = resources
  }

  /// - Throws: ``MetadataError`` for a damaged block.
  func iptc() throws -> IPTCBlock? {
    try resources.first { $0.id == Self.iptc }.map { try IPTCBlock(Array(bytes[$0.data])) }
  }

  /// The resources with another caption in the block of IPTC; nil where there is none.
  ///
  /// - Throws: ``MetadataError`` for a damaged block.
  func settingCaption(_ caption: String) throws -> [UInt8]? {
    guard let resource = resources.first(where: { $0.id == Self.iptc }), let old = try iptc() else {
      return nil
    }
    let new = old.setting(caption).bytes
    var data = new
    if !data.count.isMultiple(of: 2) { data.append(0) }
    var edits = [
      ByteEdit(resource.length, ByteOrder.big.bytes(new.count, 4)),
      ByteEdit(resource.data.lowerBound..<resource.end, data),
    ]
    // A digest that was wrong stays so: it tells that Photoshop hasn't seen the block as it is.
    if let digest = resources.first(where: { $0.id == Self.digest }),
      Array(bytes[digest.data]) == MD5.digest(of: old.bytes)
    {
      edits.append(ByteEdit(digest.data, MD5.digest(of: new)))
    }
    return edits.applied(to: bytes)
  }

  /// Signature, number, name (its length in a byte, even in all), length, data (even).
  private static func resource(at position: Int, of bytes: [UInt8]) -> Resource? {
    guard let id = ByteOrder.big.number(2, at: position + 4, of: bytes),
      let name = ByteOrder.big.number(1, at: position + 6, of: bytes)
    else { return nil }
    let length = position + 6 + (name + 2) / 2 * 2
    guard let count = ByteOrder.big.number(4, at: length, of: bytes) else { return nil }
    let start = length + 4
    guard count <= bytes.count - start else { return nil }
    let end = min(start + count + count % 2, bytes.count)
    return Resource(id: id, length: length..<start, data: start..<start + count, end: end)
  }
}
