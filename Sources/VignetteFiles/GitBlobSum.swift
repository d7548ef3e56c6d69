package import Foundation

#if canImport(CryptoKit)
  import CryptoKit
#else
  import CVignetteCrypto
#endif

/// The name that git gives to a file's contents: the SHA-1 of `blob SIZE`, a zero byte and the contents.
///
/// It tells damage, not malice: SHA-1 collisions can be made.
package struct GitBlobSum: Sendable, Hashable, CustomStringConvertible {
  /// 40 hexadecimal digits.
  package let description: String

  package init(_ contents: some ContiguousBytes) {
    description = contents.withUnsafeBytes { Self.sum($0) }
  }

  /// - Throws: `SystemError` or `FileError` for a file that can't be read.
  package init(contentsOf url: URL) throws {
    let file = try MappedFile(at: url)
    file.willReadSequentially()
    description = file.withUnsafeBytes(0..<file.count) { Self.sum($0) }
  }

  private static func sum(_ contents: UnsafeRawBufferPointer) -> String {
    let head = Array("blob \(contents.count)\0".utf8)
    #if canImport(CryptoKit)
      var hash = Insecure.SHA1()
      hash.update(data: head)
      hash.update(bufferPointer: contents)
      let digest = Array(hash.finalize())
    #else
      guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto has no SHA-1") }
      defer { EVP_MD_CTX_free(context) }
      var digest = [UInt8](repeating: 0, count: 20)
      let isDone =
        EVP_DigestInit_ex(context, EVP_sha1(), nil) == 1 && EVP_DigestUpdate(context, head, head.count) == 1
        && EVP_DigestUpdate(context, contents.baseAddress, contents.count) == 1
        && EVP_DigestFinal_ex(context, &digest, nil) == 1
      precondition(isDone, "libcrypto couldn't compute a SHA-1")
    #endif
    return digest.map { String(format: "%02x", $0) }.joined()
  }
}
