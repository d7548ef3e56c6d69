/// A caption in the properties that stand for it.
extension XMPPacket {
  /// The caption that a packet has: its description, else its alternative text, else its copy of EXIF's.
  package var caption: String? {
    value(of: .description) ?? value(of: .altText) ?? value(of: .imageDescription)
  }

  /// The packet with a caption in all `properties`.
  package func settingCaption(_ caption: String, _ properties: [XMPProperty]) throws -> XMPPacket {
    var packet = self
    for property in properties { packet = try packet.setting(property, to: caption) }
    return packet
  }
}
