/// A run of bytes that tensors share: pooled memory, 64-byte aligned, or memory that something else
/// owns, such as a mapped checkpoint.
package final class Storage {
  package let base: UnsafeMutableRawPointer
  package let byteCount: Int
  /// Whether the bytes may be written; a mapped file's may not.
  package let isWritable: Bool
  private let owner: AnyObject?

  /// Uninitialised memory from the pool.
  package init(byteCount: Int) {
    base = StoragePool.shared.take(byteCount)
    self.byteCount = byteCount
    isWritable = true
    owner = nil
  }

  /// Read-only memory that stays valid as long as `owner` lives.
  package init(borrowing base: UnsafeRawPointer, byteCount: Int, owner: AnyObject) {
    self.base = UnsafeMutableRawPointer(mutating: base)
    self.byteCount = byteCount
    isWritable = false
    self.owner = owner
  }

  deinit {
    if owner == nil { StoragePool.shared.give(base, byteCount) }
  }
}
