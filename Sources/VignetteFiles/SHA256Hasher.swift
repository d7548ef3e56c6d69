public import Foundation

#if canImport(CryptoKit)
  import CryptoKit
#else
  import CVignetteCrypto
#endif

/// SHA-256, fed piece by piece. The system computes it, so that nothing has to be built for it.
public struct SHA256Hasher: ~Copyable {
  #if canImport(CryptoKit)
    private var hash = SHA256()

    public init() {}

    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    public consuming func finish() -> SHA256Sum { SHA256Sum(digest: Array(hash.finalize())) }
  #else
    private let context: OpaquePointer

    public init() {
      guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
        preconditionFailure("libcrypto has no SHA-256")
      }
      self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
      let isDone = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1
      precondition(isDone, "libcrypto couldn't go on with a SHA-256")
    }

    public consuming func finish() -> SHA256Sum {
      var digest = [UInt8](repeating: 0, count: SHA256Sum.byteCount)
      let isDone = EVP_DigestFinal_ex(context, &digest, nil) == 1
      precondition(isDone, "libcrypto couldn't end a SHA-256")
      return SHA256Sum(digest: digest)
    }
  #endif

  public mutating func update(_ bytes: some ContiguousBytes) { bytes.withUnsafeBytes { update($0) } }
}
