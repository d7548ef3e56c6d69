import VignetteFiles

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
      throw MalformedFileError(path, "has no JSON header and is no safetensors file")
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
      throw JSONSyntaxError(file: "\(path) (header)", bytes: bytes, fault: error)
    }
  }

  /// Checks that the tensors have the bytes that their shapes need, and together fill the file's data without
  /// a hole or an overlap.
  func checkRanges(dataCount: Int, path: String) throws {
    var end = 0
    for entry in entries.sorted(by: {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
      func malformed(_ problem: String) -> MalformedFileError {
        MalformedFileError(path, "tensor \"\(entry.name)\": \(problem)")
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
      throw MalformedFileError(
        path, "the header tells of \(end) bytes of data, but \(dataCount) follow it\(mend)")
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
