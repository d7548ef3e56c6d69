package import Foundation
import VignetteFiles

/// Writes safetensors files, byte for byte as Hugging Face's own writer does.
package enum SafetensorsWriter {
  /// What Transformers writes into each file: the tensors are laid out as PyTorch's.
  package static let metadata = ["format": "pt"]

  /// Writes `tensors`, whose names differ, to `url`, all or nothing.
  package static func write(
    _ tensors: [WritableTensor], metadata: [String: String] = metadata, to url: URL
  ) throws {
    let ordered = tensors.sorted(by: precedes)
    let file = try AtomicFile(at: url)
    let header = header(ordered, metadata: metadata)
    try file.write(withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) })
    try file.write(header)
    for tensor in ordered { try tensor.append(to: file) }
    try file.commit()
  }

  // Wide elements first, so that all stay aligned; then by name.
  private static func precedes(_ left: WritableTensor, _ right: WritableTensor) -> Bool {
    let (leftRank, rightRank) = (rank[left.elementType, default: 0], rank[right.elementType, default: 0])
    if leftRank != rightRank { return leftRank > rightRank }
    return left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
  }

  private static let rank = Dictionary(
    uniqueKeysWithValues: ElementType.allCases.enumerated().map { ($1, $0) })

  private static func header(_ tensors: [WritableTensor], metadata: [String: String]) -> [UInt8] {
    var text: [UInt8] = [UInt8(ascii: "{")]
    func append(_ part: String) { text.append(contentsOf: part.utf8) }
    if !metadata.isEmpty {
      let members = metadata.sorted { $0.key < $1.key }.map { "\(quoted($0.key)):\(quoted($0.value))" }
      append("\"__metadata__\":{\(members.joined(separator: ","))},")
    }
    var offset = 0
    for tensor in tensors {
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + tensor.byteCount
      append("\(quoted(tensor.name)):{\"dtype\":\"\(tensor.elementType.safetensorsName)\",")
      append("\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]},")
      offset = end
    }
    if text.last == UInt8(ascii: ",") { text.removeLast() }
    append("}")
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    return text
  }

  private static func quoted(_ string: String) -> String {
    JSONValue.string(string).text(.plainLine)
  }
}
