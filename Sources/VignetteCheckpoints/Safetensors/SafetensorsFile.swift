public import VignetteFiles
public import Foundation

/// A safetensors file, mapped: its tensors' names, types, shapes and places.
///
/// The header is held against every rule of the format before anything is believed; the tensors' bytes are not
/// touched. The format is described at https://huggingface.co/docs/safetensors.
public struct SafetensorsFile: Sendable {
  public let file: MappedFile
  /// The tensors in the order of the header.
  public let tensors: [StoredTensor]
  /// What `__metadata__` holds; PyTorch's files have `"format": "pt"`.
  public let metadata: [String: String]

  /// A larger header is refused, as by Hugging Face's reader.
  static let maximumHeaderSize = 100_000_000

  /// Opens the file at `url`.
  ///
  /// Throws `MalformedFileError`, `JSONSyntaxError` (with the line and column in the header) or `SystemError`.
  public init(at url: URL) throws {
    file = try MappedFile(at: url)
    try GitLFSPointer.refuse(file)
    let path = file.path
    guard file.count >= 8 else {
      throw MalformedFileError(path, "has \(file.count) bytes and is no safetensors file; was it cut off?")
    }
    let headerSize = file.withUnsafeBytes(0..<8) {
      UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self))
    }
    guard headerSize <= Self.maximumHeaderSize else {
      throw MalformedFileError(path, "claims a header of \(headerSize) bytes and is no safetensors file")
    }
    let dataStart = 8 + Int(headerSize)
    guard dataStart <= file.count else {
      throw MalformedFileError(
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
