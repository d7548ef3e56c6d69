import Foundation
import VignetteFiles

/// What a child is about to read, in memory that it shares with its parent and that outlives it.
final class Journal {
  private let base: UnsafeMutableRawPointer
  private static let byteCount = 32

  init(at url: URL) throws {
    let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0, ftruncate(descriptor, off_t(Self.byteCount)) == 0 else {
      throw SystemError("write", url.path)
    }
    defer { close(descriptor) }
    let base = mmap(nil, Self.byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let base, base != MAP_FAILED else { throw SystemError("map", url.path) }
    self.base = base
  }

  deinit { munmap(base, Self.byteCount) }

  /// The number of the sample that is read, from which and the seed the sample follows.
  var iteration: UInt64 {
    get { base.load(as: UInt64.self) }
    set { base.storeBytes(of: newValue, as: UInt64.self) }
  }

  /// How many were taken without an error.
  var accepted: UInt64 {
    get { base.load(fromByteOffset: 8, as: UInt64.self) }
    set { base.storeBytes(of: newValue, toByteOffset: 8, as: UInt64.self) }
  }
}
