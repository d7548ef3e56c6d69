public import Foundation

/// The SHA-256 of bytes or of a file, as `sha256sum` prints it.
public struct SHA256Sum: Sendable, Hashable, CustomStringConvertible {
  static let byteCount = 32

  /// Its 32 bytes.
  public let digest: [UInt8]

  /// 64 hexadecimal digits.
  public var description: String { digest.map { String(format: "%02x", $0) }.joined() }

  init(digest: [UInt8]) { self.digest = digest }

  public init(_ bytes: some ContiguousBytes) {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    self = hasher.finish()
  }

  /// - Throws: `SystemError` or `MalformedFileError` for a file that can't be read.
  public init(contentsOf url: URL) throws {
    let file = try MappedFile(at: url)
    file.willReadSequentially()
    var hasher = SHA256Hasher()
    file.withUnsafeBytes(0..<file.count) { hasher.update($0) }
    self = hasher.finish()
  }
}
