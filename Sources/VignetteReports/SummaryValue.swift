public import Foundation

/// A message in Protocol Buffers' wire format, built field by field.
struct ProtobufMessage: Sendable {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ value: Int, field: Int) {
    appendKey(field, wireType: 0)
    appendVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func append(_ value: Double, field: Int) {
    appendKey(field, wireType: 1)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: Float, field: Int) {
    appendKey(field, wireType: 5)
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func append(_ value: some Collection<UInt8>, field: Int) {
    appendKey(field, wireType: 2)
    appendVarint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func append(_ value: String, field: Int) { append(value.utf8, field: field) }

  /// Appends a message inside this one.
  mutating func append(field: Int, _ fill: (inout ProtobufMessage) -> Void) {
    var message = ProtobufMessage()
    fill(&message)
    append(message.bytes, field: field)
  }

  private mutating func appendKey(_ field: Int, wireType: Int) {
    appendVarint(UInt64(field << 3 | wireType))
  }

  private mutating func appendVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Something that TensorBoard shows under a tag.
public enum SummaryValue: Sendable {
  case scalar(Double)
  /// Text, which TensorBoard reads as Markdown.
  case text(String)
  /// An image's bytes as PNG, JPEG or GIF, with its size in pixels.
  case image(Data, width: Int, height: Int)
}

extension SummaryValue {
  /// `tensorflow.Summary.Value`, as PyTorch's `SummaryWriter` fills it.
  func append(tag: String, to value: inout ProtobufMessage) {
    switch self {
    case .scalar(let number):
      value.append(tag, field: 1)
      value.append(Float(number), field: 2)
    case .text(let text):
      value.append("\(tag)/text_summary", field: 1)
      value.append(field: 8) { tensor in
        let stringType = 7
        tensor.append(stringType, field: 1)
        tensor.append(field: 2) { shape in shape.append(field: 2) { $0.append(1, field: 1) } }
        tensor.append(text, field: 8)
      }
      value.append(field: 9) { metadata in metadata.append(field: 1) { $0.append("text", field: 1) } }
    case .image(let data, let width, let height):
      value.append(tag, field: 1)
      value.append(field: 4) { image in
        image.append(height, field: 1)
        image.append(width, field: 2)
        let channels = 3
        image.append(channels, field: 3)
        image.append(data, field: 4)
      }
    }
  }
}
