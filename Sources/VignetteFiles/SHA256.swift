package import Foundation

#if canImport(CryptoKit)
  import CryptoKit
#else
  import CVignetteCrypto
#endif

/// The SHA-256 of bytes or of a file, as `sha256sum` prints it.
package struct SHA256Sum: Sendable, Hashable, CustomStringConvertible {
  static let byteCount = 32

  /// Its 32 bytes.
  package let digest: [UInt8]

  /// 64 hexadecimal digits.
  package var description: String { digest.map { String(format: "%02x", $0) }.joined() }

  init(digest: [UInt8]) { self.digest = digest }

  package init(_ bytes: some ContiguousBytes) {
    var hasher = SHA256Hasher()
    hasher.update(bytes)
    self = hasher.finish()
  }

  /// - Throws: `SystemError` or `FileError` for a file that can't be read.
  package init(contentsOf url: URL) throws {
    let file = try MappedFile(at: url)
    file.willReadSequentially()
    var hasher = SHA256Hasher()
    file.withUnsafeBytes(0..<file.count) { hasher.update($0) }
    self = hasher.finish()
  }
}

/// SHA-256, fed piece by piece. The system computes it, so that nothing has to be built for it.
package struct SHA256Hasher: ~Copyable {
  #if canImport(CryptoKit)
    private var hash = SHA256()

    package init() {}

    package mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    package consuming func finish() -> SHA256Sum { SHA256Sum(digest: Array(hash.finalize())) }
  #else
    private let context: OpaquePointer

    package init() {
      guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
        preconditionFailure("libcrypto has no SHA-256")
      }
      self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
      let isDone = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
      precondition(isDone, "libcrypto couldn't go on with a SHA-256")
    }

    package consuming func finish() -> SHA256Sum {
      var digest = [UInt8](repeating: 0, count: SHA256Sum.byteCount)
      let isDone = EVP_DigestFinal_ex(context, &digest, nil) == 1
      precondition(isDone, "libcrypto couldn't end a SHA-256")
      return SHA256Sum(digest: digest)
    }
  #endif

  package mutating func update(_ bytes: some ContiguousBytes) { bytes.withUnsafeBytes { update($0) } }
}
