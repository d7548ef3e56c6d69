import Crypto
import Foundation

/// The SHA-256 of bytes or of a file, as `sha256sum` prints it.
public struct SHA256Sum: Sendable, Hashable, CustomStringConvertible {
  /// 64 hexadecimal digits.
  public let description: String

  public init(_ bytes: some DataProtocol) { self.init(SHA256.hash(data: bytes)) }

  /// - Throws: `SystemError` or `MalformedFileError` for a file that can't be read.
  public init(contentsOf url: URL) throws {
    let file = try MappedFile(at: url)
    file.willReadSequentially()
    var hash = SHA256()
    file.withUnsafeBytes(0..<file.count) { hash.update(bufferPointer: $0) }
    self.init(hash.finalize())
  }

  private init(_ digest: SHA256Digest) {
    description = digest.map { String(format: "%02x", $0) }.joined()
  }
}
