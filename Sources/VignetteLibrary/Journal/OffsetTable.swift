import Foundation
import VignetteFiles

/// Where in a file the records of so many keys stand: eight bytes a slot, whatever the length of the keys, so that a million
/// images take no more than some ten megabytes.
///
/// A slot holds an offset and a part of its key's hash. Whether a record is that of a key is for the caller to look up in
/// the file, which hardly ever happens in vain.
struct OffsetTable {
  /// The tag in the upper bits, the offset and one in the lower; zero where the slot is free.
  private var slots: [UInt64] = Array(repeating: 0, count: 64)
  private(set) var count = 0

  private static let offsetBits: UInt64 = 36
  private static let offsetMask: UInt64 = 1 << offsetBits - 1
  private static let tagBits: UInt64 = 64 - offsetBits

  /// How far a file may reach: 64 GB.
  static let maximumOffset = Int(offsetMask) - 1

  /// A key's hash; it differs between processes.
  static func hash(_ key: some Sequence<UInt8>) -> UInt64 {
    var hasher = Hasher()
    let isHashed: Void? = key.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if isHashed == nil { for byte in key { hasher.combine(byte) } }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  static func hash(_ key: String) -> UInt64 { hash(key.utf8) }

  /// The slot of the key's record; nil where it has none.
  ///
  /// - Parameter isOfKey: whether the record at an offset is the key's.
  func slot(hash: UInt64, where isOfKey: (Int) throws -> Bool) rethrows -> Int? {
    let tag = hash >> Self.offsetBits
    var slot = home(tag)
    while slots[slot] != 0 {
      if slots[slot] >> Self.offsetBits == tag, let offset = offset(inSlot: slot), try isOfKey(offset) {
        return slot
      }
      slot = slot + 1 == slots.count ? 0 : slot + 1
    }
    return nil
  }

  /// The offset of the key's record; nil where it has none.
  func offset(hash: UInt64, where isOfKey: (Int) throws -> Bool) rethrows -> Int? {
    try slot(hash: hash, where: isOfKey).flatMap { offset(inSlot: $0) }
  }

  /// Notes where a key's record stands now.
  ///
  /// - Parameter slot: the key's, as ``slot(hash:where:)`` has found it; nil where it has none yet.
  /// - Throws: `FileError` beyond ``maximumOffset``, `SystemError` where there is no memory.
  mutating func set(_ offset: Int, hash: UInt64, slot: Int?) throws {
    guard offset <= Self.maximumOffset else {
      throw FileError("a file of captions", "would grow beyond \(ByteCount(Self.maximumOffset))")
    }
    let entry = (hash >> Self.offsetBits) << Self.offsetBits | UInt64(offset + 1)
    if let slot {
      slots[slot] = entry
      return
    }
    if 5 * (count + 1) > 4 * slots.count { try grow() }
    insert(entry)
    count += 1
  }

  private func offset(inSlot slot: Int) -> Int? {
    let entry = slots[slot] & Self.offsetMask
    return entry == 0 ? nil : Int(entry) - 1
  }

  /// Where the search for a tag begins: tags are spread evenly whatever the number of slots.
  private func home(_ tag: UInt64) -> Int { Int(tag * UInt64(slots.count) >> Self.tagBits) }

  private mutating func insert(_ entry: UInt64) {
    var slot = home(entry >> Self.offsetBits)
    while slots[slot] != 0 { slot = slot + 1 == slots.count ? 0 : slot + 1 }
    slots[slot] = entry
  }

  private mutating func grow() throws {
    let capacity = slots.count + slots.count / 2
    do {
      try CheckedMemory.require(8 * capacity)
    } catch {
      throw SystemError("remember", "\(count) images", code: ENOMEM)
    }
    let old = slots
    slots = Array(repeating: 0, count: capacity)
    for entry in old where entry != 0 { insert(entry) }
  }
}
