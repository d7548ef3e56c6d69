package import Foundation
package import VignetteFiles

/// A safetensors file, mapped: its tensors' names, types, shapes and positions.
///
/// The header is held against every rule of the format before anything is believed; the tensors' bytes are not
/// touched. The format is described at https://huggingface.co/docs/safetensors.
package struct SafetensorsFile: Sendable {
  package let file: MappedFile
  /// The tensors in the order of the header.
  package let tensors: [StoredTensor]
  /// What `__metadata__` holds; PyTorch's files have `"format": "pt"`.
  package let metadata: [String: String]

  /// A larger header is refused, as by Hugging Face's reader.
  static let maximumHeaderSize = 100_000_000

  /// Opens the file at `url`.
  ///
  /// - Throws: `FileError`, `JSONError` (with the line and column in the header) or `SystemError`.
  package init(at url: URL) throws {
    file = try MappedFile(at: url)
    try GitLFSPointer.refuse(file)
    let path = file.path
    guard file.count >= 8 else {
      throw FileError(path, "has \(file.count) bytes and is no safetensors file; was it cut off?")
    }
    let headerSize = file.withUnsafeBytes(0..<8) {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard headerSize <= Self.maximumHeaderSize else {
      throw FileError(path, "claims a header of \(headerSize) bytes and is no safetensors file")
    }
    let dataStart = 8 + Int(headerSize)
    guard dataStart <= file.count else {
      throw FileError(
        path, "claims a header of \(headerSize) bytes but has only \(file.count) bytes; was it cut off?")
    }
    let header = try file.withUnsafeBytes(8..<dataStart) { try SafetensorsHeader(parsing: $0, path: path) }
    try header.checkRanges(dataCount: file.count - dataStart, path: path)
    metadata = header.metadata
    let file = file
    tensors = try header.entries.map { entry in
      try StoredTensor(
        name: entry.name, elementType: entry.elementType, shape: entry.shape,
        in: dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound, of: file)
    }
  }
}

/// The JSON at the start of a safetensors file.
struct SafetensorsHeader {
  struct Entry {
    let name: String
    let elementType: ElementType
    let shape: [Int]
    /// Counted from the end of the header.
    let range: Range<Int>
  }

  private(set) var entries: [Entry] = []
  private(set) var metadata: [String: String] = [:]

  init(parsing bytes: UnsafeRawBufferPointer, path: String) throws {
    guard bytes.first == UInt8(ascii: "{") else {
      throw FileError(path, "has no JSON header and is no safetensors file")
    }
    do throws(JSONFault) {
      var cursor = JSONCursor(bytes)
      var names: Set<String> = []
      var hasMetadata = false
      try cursor.members { (cursor, key) throws(JSONFault) in
        let name = key.string
        if name == "__metadata__" {
          guard !hasMetadata else { throw cursor.fault("__metadata__ appears twice") }
          hasMetadata = true
          metadata = try Self.metadata(&cursor)
        } else {
          guard names.insert(name).inserted else {
            throw cursor.fault("tensor \"\(name)\" appears twice")
          }
          entries.append(try Self.entry(&cursor, name: name))
        }
      }
      try cursor.expectEnd()
    } catch {
      throw JSONError(file: "\(path) (header)", bytes: bytes, fault: error)
    }
  }

  /// Checks that the tensors have the bytes that their shapes need, and together fill the file's data without
  /// a hole or an overlap.
  func checkRanges(dataCount: Int, path: String) throws {
    var end = 0
    for entry in entries.sorted(by: {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
      func malformed(_ problem: String) -> FileError {
        FileError(path, "tensor \"\(entry.name)\": \(problem)")
      }
      guard let count = TensorLayout.elementCount(entry.shape) else {
        throw malformed("impossible shape \(entry.shape)")
      }
      let (needed, overflows) = count.multipliedReportingOverflow(by: entry.elementType.byteSize)
      guard !overflows, needed == entry.range.count else {
        throw malformed(
          "shape \(entry.shape) of \(entry.elementType.safetensorsName) doesn't fit its \(entry.range.count) bytes"
        )
      }
      guard entry.range.lowerBound == end else {
        throw malformed(
          "starts at byte \(entry.range.lowerBound) of the data, where the one before it ends at byte \(end)")
      }
      end = entry.range.upperBound
    }
    guard end == dataCount else {
      let mend = end > dataCount ? "; was it cut off?" : ""
      throw FileError(
        path, "the header describes \(end) bytes of data, but \(dataCount) follow it\(mend)")
    }
  }

  private static func metadata(_ cursor: inout JSONCursor) throws(JSONFault) -> [String: String] {
    var metadata: [String: String] = [:]
    try cursor.members { (cursor, key) throws(JSONFault) in
      let name = key.string
      guard metadata.updateValue(try cursor.string(), forKey: name) == nil else {
        throw cursor.fault("key \"\(name)\" of __metadata__ appears twice")
      }
    }
    return metadata
  }

  private static func entry(_ cursor: inout JSONCursor, name: String) throws(JSONFault) -> Entry {
    var elementType: ElementType?
    var shape: [Int]?
    var offsets: [Int]?
    try cursor.members { (cursor, key) throws(JSONFault) in
      switch key {
      case "dtype" where elementType == nil:
        let dtype = try cursor.string()
        elementType = ElementType(safetensorsName: dtype)
        if elementType == nil {
          throw cursor.fault("tensor \"\(name)\" has elements of type \(dtype), which is not supported")
        }
      case "shape" where shape == nil: shape = try counts(&cursor)
      case "data_offsets" where offsets == nil: offsets = try counts(&cursor)
      default: throw cursor.fault("tensor \"\(name)\" has an unknown or repeated key \"\(key.string)\"")
      }
    }
    guard let elementType, let shape, let offsets, offsets.count == 2 else {
      throw cursor.fault("tensor \"\(name)\" needs dtype, shape and two data_offsets")
    }
    guard offsets[0] <= offsets[1] else {
      throw cursor.fault("tensor \"\(name)\" ends before it starts")
    }
    return Entry(name: name, elementType: elementType, shape: shape, range: offsets[0]..<offsets[1])
  }

  private static func counts(_ cursor: inout JSONCursor) throws(JSONFault) -> [Int] {
    var counts: [Int] = []
    try cursor.elements { (cursor) throws(JSONFault) in
      counts.append(try cursor.integer(in: 0...Int.max))
    }
    return counts
  }
}
