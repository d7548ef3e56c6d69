import CVignetteMemory

/// A run of bytes that tensors share: pooled memory, 64-byte aligned, or memory that something else
/// owns, such as a mapped checkpoint.
///
/// Where the system had no memory to give, a storage has none (``base`` is nil). Operations take and make such tensors
/// and leave the computation out; ``MemoryFault`` says how that becomes an error.
package final class Storage {
  package let base: UnsafeMutableRawPointer?
  package let byteCount: Int
  /// Whether the bytes may be written; a mapped file's may not.
  package let isWritable: Bool
  private let owner: AnyObject?

  /// Uninitialised memory from the pool; where there is none, that is noted.
  package init(byteCount: Int) {
    base = StoragePool.shared.take(byteCount)
    self.byteCount = byteCount
    isWritable = true
    owner = nil
    if base == nil { MemoryFault.note(byteCount) }
  }

  /// Read-only memory that stays valid as long as `owner` lives.
  package init(borrowing base: UnsafeRawPointer, byteCount: Int, owner: AnyObject) {
    self.base = UnsafeMutableRawPointer(mutating: base)
    self.byteCount = byteCount
    isWritable = false
    self.owner = owner
  }

  deinit {
    if owner == nil, let base { StoragePool.shared.give(base, byteCount) }
  }
}

extension Tensor {
  /// Whether there was memory for its elements.
  package var hasMemory: Bool { storage.base != nil }
}

/// Whether an operation's tensors all have memory. Where one hasn't, that is noted, and the operation is left out.
func haveMemory(
  _ a: Tensor, _ b: Tensor? = nil, _ c: Tensor? = nil, _ d: Tensor? = nil, _ e: Tensor? = nil
) -> Bool {
  func isThere(_ tensor: Tensor?) -> Bool { tensor.map(\.hasMemory) ?? true }
  if a.hasMemory, isThere(b), isThere(c), isThere(d), isThere(e) { return true }
  for case let tensor? in [a, b, c, d, e] where !tensor.hasMemory {
    MemoryFault.note(tensor.storage.byteCount)
  }
  return false
}
