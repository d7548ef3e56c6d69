import Foundation

/// Writing to what is open for appending, or has no places: a log, a pipe, a device.
package enum SequentialWrite {
  /// Writes all of `bytes`.
  ///
  /// - Parameter path: what the error calls it.
  /// - Throws: `SystemError`.
  package static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt, path: String) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let part = UnsafeRawBufferPointer(rebasing: rest)
      let written = Foundation.write(descriptor, part.baseAddress, part.count)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw SystemError("write", path) }
      rest = rest.dropFirst(written)
    }
  }
}
